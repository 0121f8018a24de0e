#include "audio/tags/native.h"

#include <bit>

#include "audio/av/io.h"
#include "audio/tags/asf_read.h"
#include "audio/tags/charset.h"
#include "audio/tags/id3v2_frames.h"
#include "audio/tags/id3v2_read.h"
#include "audio/tags/itunes_read.h"
#include "audio/tags/riff_info.h"
#include "audio/tags/vorbis_comment.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

using Bytes = std::vector<std::uint8_t>;

// Of each place for tags, pictures included.
constexpr std::size_t most_bytes = 24 * 1024 * 1024;

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
      if (at + lace > body.size() || packet.size() > most_bytes) return;
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

/// The body of the first chunk that `is_wanted` takes, by its id and first bytes, in a file of the RIFF and AIFF
/// families.
template <class IsWanted>
Bytes read_chunk(const Source& source, std::endian order, const IsWanted& is_wanted) {
  ByteCount position = 12;
  for (int chunks = 0; chunks < 256; ++chunks) {
    const Bytes header = read_bytes(source, position, 12);
    if (header.size() < 8) return {};
    ByteReader in(std::span(header).subspan(4));
    const ByteCount size = order == std::endian::little ? in.le32() : in.be32();
    position += 8;
    if (is_wanted(header)) return read_bytes(source, position, std::min(static_cast<std::size_t>(size), most_bytes));
    position += size + size % 2;
  }
  return {};
}

std::string take_field(ByteReader& in, std::size_t size) {
  std::string_view text = in.text(size);
  text = text.substr(0, text.find('\0'));
  return from_utf8_or_latin1(text.substr(0, text.find_last_not_of(' ') + 1));
}

/// Of a broadcast extension chunk (EBU Tech 3285) what is about the sound.
Metadata parse_broadcast_extension(const Bytes& body) {
  struct Field {
    std::string_view name;
    std::size_t size;
  };
  static constexpr std::array fields = {Field{"description", 256}, Field{"originator", 32},
                                        Field{"originator_reference", 32}, Field{"origination_date", 10},
                                        Field{"origination_time", 8}};
  ByteReader in(body);
  Metadata metadata;
  for (const Field& field : fields) {
    if (std::string value = take_field(in, field.size); !value.empty())
      metadata.tags.push_back({std::string(field.name), std::move(value)});
  }
  return metadata;
}

void read_wav(const Source& source, Metadata& metadata) {
  const auto has_id3 = [](const Bytes& header) { return starts_with(header, "id3 ") || starts_with(header, "ID3 "); };
  const auto has_info = [](const Bytes& header) {
    return starts_with(header, "LIST") && starts_with(std::span(header).subspan(8), "INFO");
  };
  metadata = parse_id3v2(read_chunk(source, std::endian::little, has_id3));
  Metadata info;
  info.tags = parse_riff_info(read_chunk(source, std::endian::little, has_info));
  add_missing(std::move(info), metadata);
  const auto is_broadcast = [](const Bytes& header) { return starts_with(header, "bext"); };
  add_missing(parse_broadcast_extension(read_chunk(source, std::endian::little, is_broadcast)), metadata);
}

void read_aiff(const Source& source, Metadata& metadata) {
  const auto has_id3 = [](const Bytes& header) { return starts_with(header, "ID3 ") || starts_with(header, "id3 "); };
  metadata = parse_id3v2(read_chunk(source, std::endian::big, has_id3));
  struct TextChunk {
    std::string_view id;
    std::string_view name;
  };
  static constexpr std::array text_chunks = {TextChunk{"NAME", "title"}, TextChunk{"AUTH", "artist"},
                                             TextChunk{"(c) ", "copyright"}, TextChunk{"ANNO", "comment"}};
  Metadata texts;
  for (const TextChunk& chunk : text_chunks) {
    const auto is_it = [&](const Bytes& header) { return starts_with(header, chunk.id); };
    const Bytes body = read_chunk(source, std::endian::big, is_it);
    ByteReader in(body);
    if (std::string value = take_field(in, in.left()); !value.empty())
      texts.tags.push_back({std::string(chunk.name), std::move(value)});
  }
  add_missing(std::move(texts), metadata);
}

void read_leading_id3v2(const Source& source, Metadata& metadata) {
  const std::size_t size = id3v2_size(read_bytes(source, 0, id3v2_header_size));
  if (size > 0) add_missing(parse_id3v2(read_bytes(source, 0, std::min(size, most_bytes))), metadata);
}

struct Extent {
  ByteCount begin = 0;
  ByteCount end = 0;
};

/// What is inside of the first box of a type within an extent (ISO 14496-12); nothing where there is none.
std::optional<Extent> find_box(const Source& source, Extent where, std::string_view type) {
  for (int boxes = 0; boxes < 100'000 && where.begin + 8 <= where.end; ++boxes) {
    const Bytes header = read_bytes(source, where.begin, 16);
    ByteReader in(header);
    std::uint64_t size = in.be32();
    const bool is_wanted = in.text(4) == type;
    const ByteCount head = size == 1 ? 16 : 8;
    if (size == 1) size = in.big_endian(8);
    const auto left = static_cast<std::uint64_t>(where.end - where.begin);
    if (size == 0) size = left;
    if (!in.ok() || size < static_cast<std::uint64_t>(head) || size > left) return std::nullopt;
    const Extent box{where.begin + head, where.begin + static_cast<ByteCount>(size)};
    if (is_wanted) return box;
    where.begin = box.end;
  }
  return std::nullopt;
}

void read_mp4(const Source& source, Metadata& metadata) {
  std::optional<Extent> box = Extent{source.sniffed().begin, source.size()};
  for (const std::string_view type : {"moov", "udta", "meta", "ilst"}) {
    box = find_box(source, *box, type);
    if (!box) return;
    if (type != "meta") continue;
    // QuickTime leaves out the version that MP4 has there.
    const Bytes head = read_bytes(source, box->begin, 8);
    if (!starts_with(std::span(head).subspan(std::min<std::size_t>(head.size(), 4)), "hdlr")) box->begin += 4;
  }
  metadata = parse_itunes_items(
      read_bytes(source, box->begin, std::min(static_cast<std::size_t>(box->end - box->begin), most_bytes)));
}

void read_asf(const Source& source, Metadata& metadata) {
  const ByteCount begin = source.sniffed().begin;
  const Bytes head = read_bytes(source, begin, 24);
  if (head.size() < 24) return;
  const auto size = ByteReader(std::span(head).subspan(16)).little_endian(8);
  metadata =
      parse_asf_header(read_bytes(source, begin, static_cast<std::size_t>(std::min<std::uint64_t>(size, most_bytes))));
}

struct NativeReader {
  std::string_view demuxer;
  void (*read)(const Source& source, Metadata& metadata);
};
constexpr std::array readers = {NativeReader{"flac", read_flac}, NativeReader{"ogg", read_ogg},
                                NativeReader{"wav", read_wav},   NativeReader{"aiff", read_aiff},
                                NativeReader{"mov", read_mp4},   NativeReader{"asf", read_asf}};

}  // namespace

Metadata read_native_metadata(const Source& source) {
  Metadata metadata;
  const auto known = std::ranges::find(readers, std::string_view(source.container().demuxer), &NativeReader::demuxer);
  if (known != readers.end()) known->read(source, metadata);
  read_leading_id3v2(source, metadata);
  return metadata;
}

}  // namespace decant::audio
