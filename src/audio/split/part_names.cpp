#include "audio/split/part_names.h"

#include <fmt/format.h>

#include "audio/tags/names.h"

namespace decant::audio {

namespace {

constexpr std::size_t most_title_bytes = 150;

/// The length of the UTF-8 sequence that begins with this byte.
std::size_t sequence_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/// Whether one character, as UTF-8, would do anything but be seen: control characters (C1 are C2 80 to C2 9F), line
/// separators, marks and overrides of direction (E2 80 8B to 8F, A8 to AE, and E2 81 A0 to AF), and U+FEFF.
bool is_invisible(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) < 0xa0;
  if (character == "\xef\xbb\xbf") return true;
  if (character.size() != 3 || byte(0) != 0xe2) return false;
  if (byte(1) == 0x81) return byte(2) >= 0xa0 && byte(2) <= 0xaf;
  return byte(1) == 0x80 && ((byte(2) >= 0x8b && byte(2) <= 0x8f) || (byte(2) >= 0xa8 && byte(2) <= 0xae));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" ."), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" .") + 1);
}

std::string clean_title(std::string_view raw) {
  const std::string text = clean_text(raw, 4 * most_title_bytes);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = std::string_view(text).substr(at, sequence_length(text[at]));
    at += character.size();
    const bool is_forbidden = std::string_view("/\\:*?\"<>|").contains(character);
    const std::string_view written = is_forbidden ? "-" : is_invisible(character) ? " " : character;
    if (out.size() + written.size() > most_title_bytes) break;
    if (written == " " && out.ends_with(' ')) continue;
    out += written;
  }
  return std::string(trimmed(out));
}

}  // namespace

std::string make_part_name(std::size_t number, std::size_t count, std::string_view title, std::string_view extension) {
  const std::size_t digits = std::max<std::size_t>(2, std::to_string(count).size());
  const std::string clean = clean_title(chapter_title(number, title));
  return fmt::format("{:0{}}{}{}.{}", number, digits, clean.empty() ? "" : " - ", clean, extension);
}

std::string chapter_title(std::size_t number, std::string_view title) {
  return title.empty() ? fmt::format("Chapter {}", number) : std::string(title);
}

}  // namespace decant::audio
