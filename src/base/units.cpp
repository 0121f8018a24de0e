#include "base/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <span>

namespace decant {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// Each largest first, as formatting wants it.
constexpr std::array byte_units{Unit{"TiB", 1LL << 40}, Unit{"GiB", 1LL << 30}, Unit{"MiB", 1LL << 20},
                                Unit{"KiB", 1LL << 10}, Unit{"", 1}};
constexpr std::array decimal_byte_units{Unit{"TB", 1'000'000'000'000}, Unit{"GB", 1'000'000'000}, Unit{"MB", 1'000'000},
                                        Unit{"kB", 1'000}, Unit{"B", 1}};
constexpr std::array duration_units{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"min", 60'000}, Unit{"s", 1'000},
                                    Unit{"ms", 1}};

std::optional<std::int64_t> scale(std::int64_t number, std::string_view unit, std::span<const Unit> units) {
  for (const Unit& candidate : units) {
    if (unit != candidate.name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / candidate.factor) return std::nullopt;
    return number * candidate.factor;
  }
  return std::nullopt;
}

/// A whole number, and what follows it up to a space.
std::optional<std::pair<std::int64_t, std::string_view>> split_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return std::pair(number, text);
}

std::string format_in(std::int64_t number, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (number % unit.factor == 0) return fmt::format("{}{}", number / unit.factor, unit.name);
  }
  return fmt::format("{}", number);
}

}  // namespace

std::optional<ByteCount> parse_bytes(std::string_view text) {
  const auto parts = split_number(text);
  if (!parts) return std::nullopt;
  if (const auto bytes = scale(parts->first, parts->second, byte_units)) return bytes;
  return scale(parts->first, parts->second, decimal_byte_units);
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  const auto parts = split_number(text);
  if (!parts) return std::nullopt;
  if (const auto milliseconds = scale(parts->first, parts->second, duration_units)) {
    return std::chrono::milliseconds(*milliseconds);
  }
  return std::nullopt;
}

std::string format_bytes(ByteCount bytes) { return bytes == 0 ? "0" : format_in(bytes, byte_units); }

std::string format_duration(std::chrono::milliseconds duration) {
  return duration.count() == 0 ? "0" : format_in(duration.count(), duration_units);
}

}  // namespace decant
