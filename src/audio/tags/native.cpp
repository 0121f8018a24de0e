#include "audio/tags/native.h"

#include <bit>

#include "audio/av/io.h"
#include "audio/tags/bytes.h"
#include "audio/tags/id3v2_lists.h"
#include "audio/tags/vorbis_comment.h"

namespace decant::audio {

namespace {

using Bytes = std::vector<std::uint8_t>;

// The largest packet of comments and the largest ID3v2 tag that are read, pictures included.
constexpr std::size_t most_comment_bytes = 24 * 1024 * 1024;

bool starts_with(std::span<const std::uint8_t> bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin(), [](char a, std::uint8_t b) {
           return static_cast<std::uint8_t>(a) == b;
         });
}

Bytes read_bytes(const Source& source, ByteCount position, std::size_t count) {
  const ByteCount left = std::max<ByteCount>(source.size() - position, 0);
  Bytes bytes(static_cast<std::size_t>(std::min<ByteCount>(left, static_cast<ByteCount>(count))));
  bytes.resize(av::read_at(source.descriptor(), position, bytes));
  return bytes;
}

/// RFC 9639 section 8: blocks until one says that it is the last.
void read_flac(const Source& source, Metadata& metadata) {
  ByteCount position = source.sniffed().begin;
  Bytes head = read_bytes(source, position, 10);
  if (starts_with(head, "ID3") && head.size() == 10) {
    position += 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]);
    head = read_bytes(source, position, 4);
  }
  if (!starts_with(head, "fLaC")) return;
  position += 4;
  for (int blocks = 0; blocks < 256; ++blocks) {
    const Bytes header = read_bytes(source, position, 4);
    if (header.size() < 4) return;
    const std::size_t size =
        static_cast<std::size_t>(header[1]) << 16 | static_cast<std::size_t>(header[2]) << 8 | header[3];
    const int type = header[0] & 0x7F;
    if (type == 4) read_vorbis_comment(read_bytes(source, position + 4, size), metadata);
    if (type == 6) {
      if (auto picture = parse_flac_picture(read_bytes(source, position + 4, size)))
        metadata.pictures.push_back(*std::move(picture));
    }
    if ((header[0] & 0x80) != 0) return;
    position += 4 + static_cast<ByteCount>(size);
  }
}

/// The comment packet of the first stream of a kind that has one: it may run over many pages (RFC 3533).
void read_ogg(const Source& source, Metadata& metadata) {
  ByteCount position = source.sniffed().begin;
  Bytes packet;
  std::uint32_t serial = 0;
  bool has_serial = false;
  for (int pages = 0; pages < 4096; ++pages) {
    const Bytes header = read_bytes(source, position, 27);
    if (header.size() < 27 || !starts_with(header, "OggS")) return;
    const Bytes lacing = read_bytes(source, position + 27, header[26]);
    std::size_t body_size = 0;
    for (const std::uint8_t lace : lacing) body_size += lace;
    const Bytes body = read_bytes(source, position + 27 + header[26], body_size);
    position += 27 + header[26] + static_cast<ByteCount>(body_size);
    const std::uint32_t page_serial = static_cast<std::uint32_t>(ByteReader(std::span(header).subspan(14)).le32());
    if ((header[5] & 2) != 0) {
      const bool has_comments = starts_with(body, "\x01vorbis") || starts_with(body, "OpusHead") ||
                                starts_with(body,
                                            "\x7F"
                                            "FLAC");
      if (has_comments && !has_serial) {
        serial = page_serial;
        has_serial = true;
      }
      continue;
    }
    if (!has_serial || page_serial != serial) continue;
    std::size_t at = 0;
    for (const std::uint8_t lace : lacing) {
      if (at + lace > body.size() || packet.size() > most_comment_bytes) return;
      packet.insert(packet.end(), body.begin() + static_cast<std::ptrdiff_t>(at),
                    body.begin() + static_cast<std::ptrdiff_t>(at + lace));
      at += lace;
      if (lace == 255) continue;
      const std::span<const std::uint8_t> whole = packet;
      if (starts_with(whole, "\x03vorbis")) read_vorbis_comment(whole.subspan(7), metadata);
      if (starts_with(whole, "OpusTags")) read_vorbis_comment(whole.subspan(8), metadata);
      if (whole.size() > 4 && (whole[0] & 0x7F) == 4) read_vorbis_comment(whole.subspan(4), metadata);
      return;
    }
  }
}

/// Where a file of the RIFF and AIFF families has its ID3v2 tag; nothing where it has none.
std::optional<ByteCount> find_id3v2_chunk(const Source& source, std::string_view id, std::endian order) {
  ByteCount position = 12;
  for (int chunks = 0; chunks < 256; ++chunks) {
    const Bytes header = read_bytes(source, position, 8);
    if (header.size() < 8) return std::nullopt;
    ByteReader in(std::span(header).subspan(4));
    const ByteCount size = order == std::endian::little ? in.le32() : in.be32();
    position += 8;
    if (starts_with(header, id)) return position;
    position += size + size % 2;
  }
  return std::nullopt;
}

std::optional<ByteCount> find_id3v2(const Source& source) {
  const std::string_view demuxer = source.container().demuxer;
  if (demuxer == "wav") return find_id3v2_chunk(source, "id3 ", std::endian::little);
  if (demuxer == "aiff") return find_id3v2_chunk(source, "ID3 ", std::endian::big);
  return 0;
}

}  // namespace

std::vector<tasks::Tag> read_id3v2_lists(const Source& source) {
  const auto position = find_id3v2(source);
  if (!position) return {};
  const std::size_t size = id3v2_size(read_bytes(source, *position, id3v2_header_size));
  return parse_id3v2_lists(read_bytes(source, *position, std::min(size, most_comment_bytes)));
}

Metadata read_native_metadata(const Source& source) {
  Metadata metadata;
  const std::string_view demuxer = source.container().demuxer;
  if (demuxer == "flac") read_flac(source, metadata);
  if (demuxer == "ogg") read_ogg(source, metadata);
  return metadata;
}

}  // namespace decant::audio
