#include "audio/tags/charset.h"

#include "audio/tags/names.h"

namespace decant::audio {

namespace {

constexpr char32_t replacement = 0xFFFD;

void append(std::string& text, char32_t character) {
  const auto add = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (character < 0x80) {
    add(character);
    return;
  }
  if (character < 0x800) {
    add(0xC0 | character >> 6);
  } else {
    if (character < 0x10000) {
      add(0xE0 | character >> 12);
    } else {
      add(0xF0 | character >> 18);
      add(0x80 | (character >> 12 & 0x3F));
    }
    add(0x80 | (character >> 6 & 0x3F));
  }
  add(0x80 | (character & 0x3F));
}

bool is_high_surrogate(char32_t unit) { return (unit & 0xFC00) == 0xD800; }
bool is_low_surrogate(char32_t unit) { return (unit & 0xFC00) == 0xDC00; }

}  // namespace

std::string from_latin1(std::string_view text) {
  std::string converted;
  for (const char character : text) append(converted, static_cast<unsigned char>(character));
  return converted;
}

std::string from_utf8_or_latin1(std::string_view text) {
  std::string cleaned = clean_text(text, text.size());
  return cleaned == text ? cleaned : from_latin1(text);
}

std::string from_utf16(std::span<const std::uint8_t> text, ByteOrder order) {
  const auto unit_at = [&](std::size_t at) -> char32_t {
    const std::uint8_t high = order == ByteOrder::big_endian ? text[at] : text[at + 1];
    const std::uint8_t low = order == ByteOrder::big_endian ? text[at + 1] : text[at];
    return static_cast<char32_t>(high << 8 | low);
  };
  std::size_t at = 0;
  if (text.size() >= 2 && unit_at(0) == 0xFFFE) {
    order = order == ByteOrder::big_endian ? ByteOrder::little_endian : ByteOrder::big_endian;
  }
  if (text.size() >= 2 && unit_at(0) == 0xFEFF) at = 2;
  std::string converted;
  for (; at + 2 <= text.size(); at += 2) {
    const char32_t unit = unit_at(at);
    if (is_high_surrogate(unit) && at + 4 <= text.size() && is_low_surrogate(unit_at(at + 2))) {
      append(converted, 0x10000 + ((unit & 0x3FF) << 10) + (unit_at(at + 2) & 0x3FF));
      at += 2;
    } else {
      append(converted, is_high_surrogate(unit) || is_low_surrogate(unit) ? replacement : unit);
    }
  }
  return converted;
}

std::vector<std::uint8_t> to_utf16_little_endian(std::string_view text) {
  std::vector<std::uint8_t> converted;
  const auto add_unit = [&](char32_t unit) {
    converted.push_back(static_cast<std::uint8_t>(unit));
    converted.push_back(static_cast<std::uint8_t>(unit >> 8));
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at++]);
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    char32_t character = more == 0 ? first : first & (0x3F >> more);
    for (int i = 0; i < more && at < text.size(); ++i)
      character = character << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
    if (character < 0x10000) {
      add_unit(character);
    } else {
      add_unit(0xD800 + ((character - 0x10000) >> 10));
      add_unit(0xDC00 + ((character - 0x10000) & 0x3FF));
    }
  }
  return converted;
}

}  // namespace decant::audio
