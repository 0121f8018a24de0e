#include "audio/tags/trailing.h"

#include <array>

#include "audio/av/io.h"
#include "audio/tags/ape.h"
#include "audio/tags/id3v1.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

constexpr ByteCount ape_frame_size = 32;  // of a header and of a footer
constexpr ByteCount lyrics_footer_size = 15;
// With pictures.
constexpr ByteCount most_ape_bytes = 24 * 1024 * 1024;

/// `count` bytes that end at `end`; nothing where so many do not stand there.
std::vector<std::uint8_t> read_before(int descriptor, ByteCount end, ByteCount count) {
  if (end < count) return {};
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  bytes.resize(av::read_at(descriptor, end - count, bytes));
  return bytes;
}

/// Where an APE tag that ends at `end` begins; fills in where its items are.
std::optional<ByteCount> find_ape(int descriptor, ByteCount end, TrailingTags::ApeItems& items) {
  const auto footer = read_before(descriptor, end, ape_frame_size);
  ByteReader in(footer);
  if (in.text(8) != "APETAGEX") return std::nullopt;
  in.le32();  // the version
  const ByteCount size = in.le32();
  const std::uint32_t count = in.le32();
  const bool has_header = (in.le32() & 0x80000000) != 0;
  if (size < ape_frame_size || size > end) return std::nullopt;
  items = {end - size, size - ape_frame_size, count};
  if (!has_header) return end - size;
  const auto header = read_before(descriptor, end - size, ape_frame_size);
  if (ByteReader(header).text(8) != "APETAGEX") return std::nullopt;
  return end - size - ape_frame_size;
}

/// Where a Lyrics3 v1 tag (id3.org, Lyrics3) that ends at `end` begins. It does not tell its size.
std::optional<ByteCount> find_old_lyrics(int descriptor, ByteCount end) {
  constexpr std::string_view first = "LYRICSBEGIN";
  constexpr std::string_view last = "LYRICSEND";
  constexpr ByteCount most = 5100 + first.size() + last.size();
  const auto bytes = read_before(descriptor, end, std::min(end, most));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t begin = text.rfind(first);
  if (!text.ends_with(last) || begin == std::string_view::npos) return std::nullopt;
  return end - static_cast<ByteCount>(text.size() - begin);
}

/// Where a Lyrics3 v2 tag (id3.org, Lyrics3 2.00) that ends at `end` begins: its size stands before its end in decimal.
std::optional<ByteCount> find_lyrics(int descriptor, ByteCount end) {
  const auto footer = read_before(descriptor, end, lyrics_footer_size);
  ByteReader in(footer);
  ByteCount body = 0;
  for (const char digit : in.text(6)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    body = body * 10 + (digit - '0');
  }
  const ByteCount size = body + lyrics_footer_size;
  if (in.text(9) != "LYRICS200" || size > end) return std::nullopt;
  return end - size;
}

}  // namespace

TrailingTags find_trailing_tags(int descriptor, ByteCount size) {
  TrailingTags found{.begin = size};
  for (int tags = 0; tags < 8; ++tags) {
    TrailingTags::ApeItems items;
    const auto last = read_before(descriptor, found.begin, id3v1_size);
    if (ByteReader(last).text(3) == "TAG") {
      found.begin -= id3v1_size;
      if (!found.id3v1) found.id3v1 = found.begin;
    } else if (const auto ape = find_ape(descriptor, found.begin, items)) {
      found.begin = *ape;
      if (!found.ape) found.ape = items;
    } else if (auto lyrics = find_lyrics(descriptor, found.begin);
               lyrics || (lyrics = find_old_lyrics(descriptor, found.begin))) {
      found.begin = *lyrics;
      found.has_lyrics3 = true;
    } else {
      break;
    }
  }
  return found;
}

Metadata read_trailing_tags(int descriptor, ByteCount size) {
  const TrailingTags found = find_trailing_tags(descriptor, size);
  Metadata metadata;
  if (found.ape) {
    const ByteCount length = std::min(found.ape->size, most_ape_bytes);
    metadata = parse_ape_items(read_before(descriptor, found.ape->position + length, length), found.ape->count);
  }
  if (found.id3v1) add_missing(parse_id3v1(read_before(descriptor, *found.id3v1 + id3v1_size, id3v1_size)), metadata);
  if (found.has_lyrics3) metadata.unread.push_back({"Lyrics3", "a form of lyrics that is no longer read"});
  return metadata;
}

}  // namespace decant::audio
