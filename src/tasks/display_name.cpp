#include "tasks/display_name.h"

#include <algorithm>
#include <array>

namespace decant::tasks {
namespace {

constexpr std::size_t most_code_points = 255;
constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;  ///< 0: the text does not start with valid UTF-8
};

/// The first code point of `text` by RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  struct Form {
    unsigned char mask, mark;
    std::size_t bytes;
    char32_t least;
  };
  constexpr std::array forms = {Form{0xE0, 0xC0, 2, 0x80}, Form{0xF0, 0xE0, 3, 0x800}, Form{0xF8, 0xF0, 4, 0x10000}};
  for (const Form& form : forms) {
    if ((byte(0) & form.mask) != form.mark) continue;
    if (text.size() < form.bytes) return {};
    auto value = static_cast<char32_t>(byte(0) & ~form.mask & 0xFF);
    for (std::size_t i = 1; i < form.bytes; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return {};
      value = (value << 6) | (byte(i) & 0x3F);
    }
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < form.least || value > 0x10FFFF || is_surrogate) return {};
    return {value, form.bytes};
  }
  return {};
}

struct Span {
  char32_t first, last;
};

// What could break a line, drive a terminal, or make a name read differently from what it is.
constexpr std::array dropped = {
    Span{0x00, 0x1F},     Span{0x7F, 0x9F},      // control characters C0, DEL, C1
    Span{0x061C, 0x061C}, Span{0x200E, 0x200F},  // bidirectional marks
    Span{0x2028, 0x202E},  // line and paragraph separators, bidirectional embeddings and overrides
    Span{0x2066, 0x2069},  // bidirectional isolates
    Span{0xFEFF, 0xFEFF},  // byte order mark
};

bool is_dropped(char32_t value) {
  return std::ranges::any_of(dropped, [&](const Span& span) { return span.first <= value && value <= span.last; });
}

bool is_letter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// Where the extension's dot is; npos without an extension.
std::size_t extension_dot(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::string_view::npos;
  const std::string_view extension = name.substr(dot + 1);
  const bool is_extension = extension.size() <= 8 && std::ranges::any_of(extension, is_letter) &&
                            std::ranges::all_of(extension, [](char c) { return is_letter(c) || is_digit(c); });
  return is_extension ? dot : std::string_view::npos;
}

}  // namespace

std::string make_display_name(std::string_view raw) {
  std::string name;
  std::size_t code_points = 0;
  while (!raw.empty() && code_points < most_code_points) {
    const CodePoint next = first_code_point(raw);
    const std::size_t bytes = std::max<std::size_t>(next.bytes, 1);
    const bool is_leading_space = name.empty() && next.value == ' ';
    if (next.bytes == 0) {
      name += replacement;
      ++code_points;
    } else if (!is_dropped(next.value) && !is_leading_space) {
      name += raw.substr(0, bytes);
      ++code_points;
    }
    raw.remove_prefix(bytes);
  }
  name.erase(name.find_last_not_of(' ') + 1);
  return name;
}

std::string to_utf8(std::string_view raw) {
  std::string text;
  while (!raw.empty()) {
    const std::size_t bytes = first_code_point(raw).bytes;
    text += bytes == 0 ? replacement : raw.substr(0, bytes);
    raw.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return text;
}

std::string with_extension(std::string_view name, std::string_view extension) {
  std::string out(name.substr(0, extension_dot(name)));
  out += '.';
  out += extension;
  return out;
}

std::string with_some_extension(std::string_view name, std::string_view extension) {
  return extension_dot(name) == std::string_view::npos ? with_extension(name, extension) : std::string(name);
}

}  // namespace decant::tasks
