#include "base/ids.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <system_error>

namespace decant {
namespace {

void fill_random(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

constexpr std::string_view hex_digits = "0123456789abcdef";

void append_hex(std::string& text, std::uint8_t byte) {
  text += hex_digits[byte >> 4];
  text += hex_digits[byte & 15];
}

constexpr bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::string random_hex(std::size_t count) {
  std::string text;
  text.reserve(count * 2);
  std::array<std::uint8_t, 64> bytes{};
  while (count > 0) {
    const auto part = std::span(bytes).first(std::min(count, bytes.size()));
    fill_random(part);
    for (const std::uint8_t byte : part) append_hex(text, byte);
    count -= part.size();
  }
  return text;
}

namespace ids_detail {

std::string make_uuid7(WallTime now) {
  std::array<std::uint8_t, 16> bytes{};
  fill_random(bytes);
  auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (std::size_t i = 6; i-- > 0; milliseconds >>= 8) bytes[i] = static_cast<std::uint8_t>(milliseconds);
  bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  std::string text;
  text.reserve(36);
  for (const std::uint8_t byte : bytes) {
    if (is_dash_position(text.size())) text += '-';
    append_hex(text, byte);
  }
  return text;
}

std::optional<std::string> normalize_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string normal;
  normal.reserve(36);
  for (const char character : text) {
    if (is_dash_position(normal.size())) {
      if (character != '-') return std::nullopt;
      normal += '-';
      continue;
    }
    const char lower = character >= 'A' && character <= 'F' ? static_cast<char>(character + ('a' - 'A')) : character;
    if (hex_digits.find(lower) == std::string_view::npos) return std::nullopt;
    normal += lower;
  }
  return normal;
}

}  // namespace ids_detail
}  // namespace decant
