#include "audio/tags/names.h"

#include <array>

#include "audio/tags/tag_table.h"

namespace decant::audio {

namespace {

constexpr std::array old_file_names = {"encoder",
                                       "encoder_options",
                                       "major_brand",
                                       "minor_version",
                                       "compatible_brands",
                                       "creation_time",
                                       "handler_name",
                                       "vendor_id",
                                       "duration",
                                       "iTunSMPB",
                                       "iTunNORM",
                                       "DeviceConformanceTemplate",
                                       "WMFSDKVersion",
                                       "WMFSDKNeeded",
                                       "IsVBR",
                                       "TSSE",
                                       "TLEN",
                                       "TFLT",
                                       "Encoding Params",
                                       "cdec",
                                       "gapless_playback",
                                       "media_type",
                                       "BPS",
                                       "NUMBER_OF_FRAMES",
                                       "NUMBER_OF_BYTES",
                                       "time_reference",
                                       "coding_history",
                                       "umid",
                                       "WAVEFORMATEXTENSIBLE_CHANNEL_MASK"};

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A')) : character;
}

std::string_view name_in(TagHolder holder, const TagName& entry) {
  switch (holder) {
    case TagHolder::id3v2: return entry.id3v2;
    case TagHolder::vorbis_comment: return entry.vorbis;
    case TagHolder::itunes: return entry.itunes;
    case TagHolder::ape: return entry.ape;
    case TagHolder::riff_info: return entry.riff;
    case TagHolder::asf: return entry.asf;
  }
  return {};
}

const TagName* find_entry(std::string_view common_name) {
  const auto found = std::ranges::find(tag_table(), common_name, &TagName::common);
  return found == tag_table().end() ? nullptr : &*found;
}

/// The length of the UTF-8 character at the start of `text` (RFC 3629), 0 where there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) || (first == 0xF0 && byte(1) < 0x90) ||
      (first == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string common_tag_name(std::string_view name) {
  for (const auto& [synonym, common] : tag_synonyms()) {
    if (equals_ignoring_case(name, synonym)) return std::string(common);
  }
  for (const TagName& entry : tag_table()) {
    if (equals_ignoring_case(name, entry.common)) return std::string(entry.common);
  }
  for (const TagName& entry : tag_table()) {
    for (std::string_view known : {entry.vorbis, entry.ape, entry.id3v2, entry.itunes, entry.asf}) {
      for (const std::string_view prefix : {"TXXX:", "----:"}) {
        if (known.starts_with(prefix)) known.remove_prefix(prefix.size());
      }
      // ASF's plain attributes mean other things elsewhere: "Description" is its comment.
      const bool is_ambiguous = known == entry.asf && !known.contains('/');
      if (!known.empty() && !is_ambiguous && equals_ignoring_case(name, known)) return std::string(entry.common);
    }
  }
  return std::string(name);
}

std::string common_tag_name(TagHolder holder, std::string_view own_name) {
  for (const TagName& entry : tag_table()) {
    if (!own_name.empty() && equals_ignoring_case(name_in(holder, entry), own_name)) return std::string(entry.common);
  }
  return common_tag_name(own_name);
}

std::string_view own_tag_name(TagHolder holder, std::string_view common_name) {
  const TagName* entry = find_entry(common_name);
  return entry == nullptr ? std::string_view() : name_in(holder, *entry);
}

std::string_view custom_tag_name(std::string_view common_name) {
  const TagName* entry = find_entry(common_name);
  return entry == nullptr ? common_name : entry->vorbis;
}

bool describes_old_file(std::string_view name) {
  return name.starts_with("_STATISTICS_") ||
         std::ranges::any_of(old_file_names, [&](std::string_view old) { return equals_ignoring_case(name, old); });
}

std::string clean_text(std::string_view text, std::size_t most) {
  std::string clean;
  while (!text.empty() && clean.size() < most) {
    const std::size_t length = utf8_length(text);
    if (length > 0 && clean.size() + length > most) break;
    if (length == 0) {
      if (text.front() != '\0') clean += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      clean += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return clean;
}

}  // namespace decant::audio
