#include "audio/tags/id3v2_lists.h"

#include <charconv>

#include "audio/tags/bytes.h"
#include "audio/tags/charset.h"
#include "audio/tags/id3v1.h"
#include "audio/tags/names.h"

namespace decant::audio {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t tag_is_unsynchronised = 0x80;
constexpr std::uint8_t tag_has_extended_header = 0x40;
constexpr std::uint16_t frame_has_group = 0x40;
constexpr std::uint16_t frame_is_compressed_or_encrypted = 0x0C;
constexpr std::uint16_t frame_is_unsynchronised = 0x02;
constexpr std::uint16_t frame_has_data_length = 0x01;

/// Seven bits a byte; nothing where an eighth is set.
std::optional<std::size_t> parse_syncsafe(std::uint32_t value) {
  if ((value & 0x80808080) != 0) return std::nullopt;
  return (value & 0x7F) | (value & 0x7F00) >> 1 | (value & 0x7F0000) >> 2 | (value & 0x7F000000) >> 3;
}

/// Without the NULs that keep a frame from looking like MPEG audio.
std::vector<std::uint8_t> resynchronise(Bytes bytes) {
  std::vector<std::uint8_t> clean;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    clean.push_back(bytes[i]);
    if (bytes[i] == 0xFF && i + 1 < bytes.size() && bytes[i + 1] == 0) ++i;
  }
  return clean;
}

std::string decode(Bytes text, std::uint8_t encoding) {
  const std::string_view bytes(reinterpret_cast<const char*>(text.data()), text.size());
  switch (encoding) {
    case 0: return from_latin1(bytes);
    case 1: return from_utf16(text, ByteOrder::little_endian);
    case 2: return from_utf16(text, ByteOrder::big_endian);
    default: return std::string(bytes);
  }
}

/// The strings of a text frame's body, empty ones too: an encoding, then strings with NULs between them.
std::vector<std::string> split_strings(Bytes body) {
  if (body.empty()) return {};
  const std::uint8_t encoding = body.front();
  const std::size_t width = encoding == 1 || encoding == 2 ? 2 : 1;
  Bytes text = body.subspan(1);
  std::vector<std::string> strings;
  while (!text.empty() && strings.size() < most_values_read) {
    std::size_t end = 0;
    while (end + width <= text.size() && (text[end] != 0 || text[end + width - 1] != 0)) end += width;
    strings.push_back(decode(text.first(std::min(end, text.size())), encoding));
    text = text.subspan(std::min(end + width, text.size()));
  }
  return strings;
}

/// Genres may be numbers of ID3v1.
std::string name_genre(std::string value) {
  std::size_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [stopped, problem] = std::from_chars(value.data(), end, number);
  if (problem != std::errc{} || stopped != end) return value;
  const std::string_view name = genre_name(std::min<std::size_t>(number, 255));
  return name.empty() ? value : std::string(name);
}

void add_list(std::string_view id, Bytes body, std::vector<tasks::Tag>& lists) {
  std::vector<std::string> values = split_strings(body);
  std::string name = common_tag_name(id);
  if (id == "TXXX" && !values.empty()) {
    name = common_tag_name(values.front());
    values.erase(values.begin());
  }
  std::erase(values, "");
  if (values.size() < 2) return;
  for (std::string& value : values) {
    if (lists.size() >= most_values_read) return;
    lists.push_back({name, name == "genre" ? name_genre(std::move(value)) : std::move(value)});
  }
}

}  // namespace

std::size_t id3v2_size(Bytes header) {
  ByteReader in(header);
  const bool is_id3v2 = in.text(3) == "ID3";
  in.take(3);
  const auto size = parse_syncsafe(in.be32());
  return is_id3v2 && in.ok() && size ? id3v2_header_size + *size : 0;
}

std::vector<tasks::Tag> parse_id3v2_lists(Bytes tag) {
  ByteReader in(tag);
  if (in.text(3) != "ID3" || in.u8() != 4) return {};
  in.u8();  // the revision
  const std::uint8_t tag_flags = in.u8();
  const auto tag_size = parse_syncsafe(in.be32());
  if (!tag_size) return {};
  ByteReader frames(in.take(std::min(*tag_size, in.left())));
  if ((tag_flags & tag_has_extended_header) != 0) {
    const std::size_t size = parse_syncsafe(frames.be32()).value_or(0);
    frames.take(std::max<std::size_t>(size, 4) - 4);
  }
  std::vector<tasks::Tag> lists;
  while (frames.ok() && frames.left() > 0) {
    const std::string_view id = frames.text(4);
    const auto size = parse_syncsafe(frames.be32());
    const auto flags = static_cast<std::uint16_t>(frames.big_endian(2));
    const Bytes whole = frames.take(size.value_or(0));
    // Padding, or damage.
    if (!frames.ok() || !size || id.front() == '\0') break;
    if (id.front() != 'T' || (flags & frame_is_compressed_or_encrypted) != 0) continue;
    ByteReader body(whole);
    if ((flags & frame_has_group) != 0) body.take(1);
    if ((flags & frame_has_data_length) != 0) body.take(4);
    const Bytes text = body.take(body.left());
    const bool is_unsynchronised = (flags & frame_is_unsynchronised) != 0 || (tag_flags & tag_is_unsynchronised) != 0;
    if (is_unsynchronised) {
      add_list(id, resynchronise(text), lists);
    } else {
      add_list(id, text, lists);
    }
  }
  return lists;
}

}  // namespace decant::audio
