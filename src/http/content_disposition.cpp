#include "http/content_disposition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "http/syntax.h"

namespace decant::http {
namespace {

/// File systems take 255 bytes; clients append " (1)".
constexpr std::size_t max_name = 200;
constexpr std::size_t max_extension = 16;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

bool is_alphanumeric(char character) {
  return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
         (character >= 'A' && character <= 'Z');
}

/// U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: "photo\u202Egpj.exe" reads as a picture.
bool is_direction_mark(std::string_view character) {
  static constexpr auto marks =
      std::to_array<std::string_view>({"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e",
                                       "\u2066", "\u2067", "\u2068", "\u2069"});
  return std::ranges::find(marks, character) != marks.end();
}

std::string_view first_character(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && is_continuation(text[length])) ++length;
  return text.substr(0, length);
}

std::string make_harmless(std::string_view name) {
  std::string result;
  while (!name.empty()) {
    const std::string_view character = first_character(name);
    name.remove_prefix(character.size());
    const auto lead = static_cast<unsigned char>(character.front());
    if (!is_utf8(character) || lead < 0x20 || lead == 0x7f || lead == '/' || lead == '\\') {
      result += '_';
    } else if (!is_direction_mark(character)) {
      result += character;
    }
  }
  if (result.empty()) return "_";
  if (result.front() == '.' || result.front() == '-') result.front() = '_';
  return result;
}

std::string shorten(std::string name) {
  if (name.size() <= max_name) return name;
  const std::size_t dot = name.rfind('.');
  const std::string extension =
      dot != std::string::npos && name.size() - dot <= max_extension ? name.substr(dot) : std::string();
  std::size_t end = max_name - extension.size();
  while (is_continuation(name[end])) --end;
  return name.substr(0, end) + extension;
}

/// For clients that know no filename*: no escapes, and no percent sign, which some of them decode.
std::string to_plain(std::string_view name) {
  std::string plain;
  for (; !name.empty(); name.remove_prefix(first_character(name).size())) {
    const char character = name.front();
    const bool is_plain = character >= ' ' && character <= '~' && !std::string_view("\"\\%").contains(character);
    plain += is_plain ? character : '_';
  }
  return plain;
}

/// The attr-char of RFC 8187 3.2.1 as they are, all else percent-encoded.
std::string to_extended(std::string_view name) {
  std::string extended;
  for (const char character : name) {
    if (is_alphanumeric(character) || std::string_view("!#$&+-.^_`|~").contains(character)) {
      extended += character;
    } else {
      fmt::format_to(std::back_inserter(extended), "%{:02X}", static_cast<unsigned char>(character));
    }
  }
  return extended;
}

}  // namespace

std::string make_content_disposition(Disposition disposition, std::string_view name) {
  const std::string harmless = shorten(make_harmless(name));
  const std::string plain = to_plain(harmless);
  std::string value =
      fmt::format("{}; filename=\"{}\"", disposition == Disposition::attachment ? "attachment" : "inline", plain);
  if (plain != harmless) value += "; filename*=UTF-8''" + to_extended(harmless);
  return value;
}

}  // namespace decant::http
