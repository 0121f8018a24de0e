#include "audio/tags/ape.h"

#include <array>

#include "audio/tags/charset.h"
#include "audio/tags/names.h"
#include "base/bytes.h"
#include "tasks/picture.h"

namespace decant::audio {

namespace {

enum class ItemKind : std::uint32_t { text = 0, binary = 1, locator = 2 };

// In the order of ID3v2's picture types.
constexpr std::array<std::string_view, 21> cover_names = {"Other",
                                                          "Icon",
                                                          "Other Icon",
                                                          "Front",
                                                          "Back",
                                                          "Leaflet",
                                                          "Media",
                                                          "Lead Artist",
                                                          "Artist",
                                                          "Conductor",
                                                          "Band",
                                                          "Composer",
                                                          "Lyricist",
                                                          "Recording Location",
                                                          "During Recording",
                                                          "During Performance",
                                                          "Video Capture",
                                                          "Fish",
                                                          "Illustration",
                                                          "Band Logotype",
                                                          "Publisher Logotype"};

/// "Cover Art (Front)" as 3; nothing for what is no cover.
std::optional<int> find_cover_type(std::string_view key) {
  constexpr std::string_view prefix = "Cover Art (";
  if (!equals_ignoring_case(key.substr(0, prefix.size()), prefix) || !key.ends_with(')')) return std::nullopt;
  const std::string_view name = key.substr(prefix.size(), key.size() - prefix.size() - 1);
  const auto found =
      std::ranges::find_if(cover_names, [&](std::string_view known) { return equals_ignoring_case(known, name); });
  return found == cover_names.end() ? 0 : static_cast<int>(found - cover_names.begin());
}

/// A picture stands behind the name of the file that it came from.
void add_cover(int type, std::span<const std::uint8_t> value, Metadata& metadata) {
  const auto end_of_name = std::ranges::find(value, 0);
  if (end_of_name == value.end()) return;
  Picture picture{.type = type, .data = {end_of_name + 1, value.end()}};
  picture.mime_type = tasks::sniff_picture(picture.data);
  if (!picture.data.empty()) metadata.pictures.push_back(std::move(picture));
}

void add_text(std::string_view key, std::string_view values, Metadata& metadata) {
  const std::string name = common_tag_name(TagHolder::ape, key);
  const auto has_name = [&](const tasks::Tag& tag) { return tag.name == name; };
  if (std::ranges::any_of(metadata.tags, has_name)) return;
  while (!values.empty() && metadata.tags.size() < most_values_read) {
    const std::string_view value = values.substr(0, values.find('\0'));
    if (!value.empty()) metadata.tags.push_back({name, from_utf8_or_latin1(value)});
    values.remove_prefix(std::min(value.size() + 1, values.size()));
  }
}

}  // namespace

Metadata parse_ape_items(std::span<const std::uint8_t> items, std::uint32_t count) {
  Metadata metadata;
  ByteReader in(items);
  const std::size_t most_items = std::min<std::size_t>(count, most_values_read);
  for (std::size_t i = 0; i < most_items; ++i) {
    const std::uint32_t size = in.le32();
    const auto kind = static_cast<ItemKind>(in.le32() >> 1 & 3);
    const std::string_view key = in.text_until_nul();
    const auto value = in.take(size);
    if (!in.ok() || key.empty()) break;
    if (const auto type = find_cover_type(key); type && kind == ItemKind::binary) {
      add_cover(*type, value, metadata);
    } else if (kind == ItemKind::text || kind == ItemKind::locator) {
      add_text(key, {reinterpret_cast<const char*>(value.data()), value.size()}, metadata);
    }
  }
  return metadata;
}

}  // namespace decant::audio
