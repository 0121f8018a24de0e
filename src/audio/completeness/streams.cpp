// Formats that tell a length in samples, pages or frames: the last of them must be there.
#include <array>
#include <bit>

#include "audio/av/libav.h"
#include "audio/completeness/completeness.h"
#include "audio/raw_frames.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

using Bytes = std::vector<std::uint8_t>;

// A tail may be nothing but what looks like headers, and each asks for the checksum of all behind it.
constexpr int most_flac_headers = 64;

std::uint32_t checksum(AVCRCId id, std::span<const std::uint8_t> bytes) {
  return av_crc(av_crc_get_table(id), 0, bytes.data(), bytes.size());
}

/// The number in a FLAC frame's header: coded as UTF-8 would, in up to seven bytes. Nothing where there is none.
std::optional<std::int64_t> read_flac_number(ByteReader& in) {
  const std::uint8_t lead = in.u8();
  const int size = std::countl_one(lead);
  if (size == 0) return lead;
  if (size == 1 || size == 8) return std::nullopt;
  std::int64_t number = lead & (0x7F >> size);
  for (int i = 1; i < size; ++i) {
    const std::uint8_t next = in.u8();
    if ((next & 0xC0) != 0x80) return std::nullopt;
    number = number << 6 | (next & 0x3F);
  }
  return number;
}

/// The sample behind the FLAC frame whose header is at the start of `bytes` (RFC 9639, section 9.1); nothing where
/// there is none.
std::optional<std::int64_t> end_of_flac_frame(std::span<const std::uint8_t> bytes, int fixed_block_size) {
  if (bytes.size() < 4 || bytes[0] != 0xFF || (bytes[1] & 0xFE) != 0xF8) return std::nullopt;
  const bool counts_samples = (bytes[1] & 1) != 0;
  const int block_code = bytes[2] >> 4;
  const int rate_code = bytes[2] & 15;
  const int channel_code = bytes[3] >> 4;
  const int depth_code = bytes[3] >> 1 & 7;
  const bool is_reserved =
      block_code == 0 || rate_code == 15 || channel_code > 10 || depth_code == 3 || (bytes[3] & 1) != 0;
  if (is_reserved) return std::nullopt;
  ByteReader in(bytes);
  in.take(4);
  const auto number = read_flac_number(in);
  if (!number) return std::nullopt;
  int block = 0;
  if (block_code == 1)
    block = 192;
  else if (block_code <= 5)
    block = 576 << (block_code - 2);
  else if (block_code == 6)
    block = in.u8() + 1;
  else if (block_code == 7)
    block = static_cast<int>(in.big_endian(2)) + 1;
  else
    block = 256 << (block_code - 8);
  if (rate_code == 12) in.take(1);
  if (rate_code == 13 || rate_code == 14) in.take(2);
  const auto header = bytes.first(bytes.size() - in.left());
  if (checksum(AV_CRC_8_ATM, header) != in.u8() || !in.ok()) return std::nullopt;
  return (counts_samples ? *number : *number * fixed_block_size) + block;
}

/// The sample behind the last FLAC frame in `bytes`; nothing where no frame is seen. What looks like a header may be
/// music: sure is only the one whose frame, by its checksum, goes up to the end. Where there is none, for what is
/// behind the frames or for what is missing, the last one that looks like it counts.
std::optional<std::int64_t> end_of_last_flac_frame(std::span<const std::uint8_t> bytes, int fixed_block_size) {
  std::optional<std::int64_t> last;
  int headers = 0;
  for (std::size_t at = bytes.size(); at-- > 0 && headers < most_flac_headers;) {
    if (bytes[at] != 0xFF) continue;
    const auto frame = bytes.subspan(at);
    const auto end = end_of_flac_frame(frame, fixed_block_size);
    if (!end) continue;
    ++headers;
    if (checksum(AV_CRC_16_ANSI, frame) == 0) return end;
    if (!last) last = end;
  }
  return last;
}

}  // namespace

Result<Claims> check_flac(const FileView& file) {
  ByteCount start = file.begin;
  Bytes head = file.read(start, 10);
  if (head.size() == 10 && head[0] == 'I') start += 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]);
  head = file.read(start, 42);
  if (head.size() < 42) return failure(ErrorCode::unprocessable, "the file is cut short: not even its header is whole");
  ByteReader in(std::span(head).subspan(8));
  const auto smallest_block = static_cast<int>(in.big_endian(2));
  in.take(8);
  const auto total = static_cast<std::int64_t>(in.big_endian(8) & 0xFFFFFFFFF);
  if (total == 0) return Claims{};  // streamed
  const auto tail_size = std::clamp<ByteCount>(file.end - start, 0, 256 * 1024);
  const Bytes tail = file.read(file.end - tail_size, static_cast<std::size_t>(tail_size));
  const auto end = end_of_last_flac_frame(tail, smallest_block);
  if (end && *end < total) {
    return failure(ErrorCode::unprocessable,
                   fmt::format("the file is cut short: {} of {} samples are missing", total - *end, total));
  }
  if (!end && tail_size == file.end - start) {
    return failure(ErrorCode::unprocessable,
                   fmt::format("the file is cut short: none of its {} samples are there", total));
  }
  return Claims{total};
}

/// The last page must end its stream (RFC 3533).
Result<Claims> check_ogg(const FileView& file) {
  const auto tail_size = std::min<ByteCount>(file.end - file.begin, 128 * 1024);
  const Bytes tail = file.read(file.end - tail_size, static_cast<std::size_t>(tail_size));
  for (std::size_t at = tail.size(); at-- > 0;) {
    const auto page = std::span(tail).subspan(at);
    if (page.size() < 27 || page[0] != 'O' || page[1] != 'g' || page[2] != 'g' || page[3] != 'S' || page[4] != 0)
      continue;
    std::size_t size = 27U + page[26];
    for (std::size_t lace = 27; lace < 27U + page[26] && lace < page.size(); ++lace) size += page[lace];
    if (size > page.size()) {
      return failure(ErrorCode::unprocessable,
                     fmt::format("the file is cut short: its last page lacks {} of {} bytes, and what follows it",
                                 size - page.size(), size));
    }
    if ((page[5] & 4) == 0) {
      return failure(ErrorCode::unprocessable,
                     "the file is cut short: its last page does not end the stream, so there was more behind it");
    }
    return Claims{};
  }
  return failure(ErrorCode::unprocessable, "the file is cut short or damaged: no page of Ogg is found at its end");
}

/// WavPack 4: a chain of blocks, each with its place among the samples.
Result<Claims> check_wavpack(const FileView& file) {
  std::int64_t total = -1;
  std::int64_t end = 0;
  ByteCount position = file.begin;
  for (int blocks = 0; blocks < 1'000'000; ++blocks) {
    const auto header = file.read(position, 32);
    ByteReader in(header);
    if (in.text(4) != "wvpk") break;
    const std::uint32_t size = in.le32();
    in.take(2);
    const std::int64_t index_high = in.u8();
    const std::int64_t total_high = in.u8();
    const std::uint32_t total_low = in.le32();
    const std::int64_t index = in.le32() | index_high << 32;
    const std::uint32_t samples = in.le32();
    if (!in.ok()) break;
    if (blocks == 0 && total_low != 0xFFFFFFFF) total = (total_low | total_high << 32) - total_high;
    if (position + 8 + size > file.size) return cut_short(position + 8 + size - file.size, ByteCount{8} + size);
    end = std::max(end, index + samples);
    position += 8 + static_cast<ByteCount>(size);
  }
  if (total > end) {
    return failure(ErrorCode::unprocessable,
                   fmt::format("the file is cut short: {} of {} samples are missing", total - end, total));
  }
  return Claims{};
}

/// The Xing, Info or VBRI header in the first frame tells frames and bytes; LAME's part of it the delay and the
/// padding.
Result<Claims> check_mp3(const FileView& file) {
  ByteCount start = file.begin;
  for (int tags = 0; tags < 8; ++tags) {
    const Bytes tag = file.read(start, 10);
    if (tag.size() < 10 || tag[0] != 'I' || tag[1] != 'D' || tag[2] != '3') break;
    start += 10 + (tag[6] << 21 | tag[7] << 14 | tag[8] << 7 | tag[9]);
  }
  Bytes head = file.read(start, 64 * 1024);
  const RawStart first = find_raw_stream(head, Extent::ends_file);
  if (first.kind != RawStream::mp3) return Claims{};
  start += static_cast<ByteCount>(first.offset);
  const auto frame = std::span(head).subspan(first.offset);
  if (frame.size() < 192) return Claims{};
  const bool is_mpeg1 = (frame[1] & 0x18) == 0x18;
  const bool is_mono = (frame[3] & 0xC0) == 0xC0;
  const std::size_t side_info = is_mpeg1 ? (is_mono ? 17 : 32) : (is_mono ? 9 : 17);
  const int samples_a_frame = is_mpeg1 ? 1152 : 576;

  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  Claims claims;
  ByteReader xing(frame.subspan(4 + side_info));
  ByteReader vbri(frame.subspan(36));
  if (const std::string_view id = xing.text(4); id == "Xing" || id == "Info") {
    const std::uint32_t flags = xing.be32();
    if ((flags & 1) != 0) frames = xing.be32();
    if ((flags & 2) != 0) bytes = xing.be32();
    if ((flags & 4) != 0) xing.take(100);
    if ((flags & 8) != 0) xing.take(4);
    const std::string_view encoder = xing.text(9);
    xing.take(12);
    const auto gaps = static_cast<std::int64_t>(xing.big_endian(3));
    const bool tells_gaps = encoder.starts_with("LAME") || encoder.starts_with("Lavf") || encoder.starts_with("Lavc");
    if (frames > 0 && tells_gaps && xing.ok()) {
      const std::int64_t samples = static_cast<std::int64_t>(frames) * samples_a_frame - (gaps >> 12) - (gaps & 0xFFF);
      if (samples > 0) claims.samples = samples;
    }
  } else if (vbri.text(4) == "VBRI") {
    vbri.take(6);
    bytes = vbri.be32();
  }
  // The count may or may not take in an ID3v1 tag.
  constexpr ByteCount slack = 256;
  const ByteCount there = file.size - start;
  if (static_cast<ByteCount>(bytes) > there + slack)
    return cut_short(static_cast<ByteCount>(bytes) - there, static_cast<ByteCount>(bytes));
  return claims;
}

}  // namespace decant::audio
