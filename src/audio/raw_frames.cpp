#include "audio/raw_frames.h"

#include <array>

namespace decant::audio {

namespace {

using Bytes = std::span<const std::uint8_t>;

// How many frames in a row make a stream. A chance match of one MP3 header in noise is one in some 2,000 places.
constexpr int chain_length = 4;

RawFrame parse_mpeg_audio(Bytes b) {
  if (b.size() < 4 || b[0] != 0xFF || (b[1] & 0xE0) != 0xE0) return {};
  const int version = (b[1] >> 3) & 3;  // 0: 2.5, 2: 2, 3: 1
  const int layer = 4 - ((b[1] >> 1) & 3);
  const int bitrate_index = b[2] >> 4;
  const int rate_index = (b[2] >> 2) & 3;
  if (version == 1 || layer == 4 || bitrate_index == 0 || bitrate_index == 15 || rate_index == 3) return {};
  static constexpr std::array<std::array<int, 16>, 5> kbits = {{
      {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0},
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0},
      {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0},
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0},
      {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0},
  }};
  static constexpr std::array<int, 3> rates = {44100, 48000, 32000};
  const bool mpeg1 = version == 3;
  const std::size_t table = mpeg1 ? static_cast<std::size_t>(layer - 1) : (layer == 1 ? 3 : 4);
  const int bitrate = kbits[table][static_cast<std::size_t>(bitrate_index)] * 1000;
  const int rate = rates[static_cast<std::size_t>(rate_index)] >> (mpeg1 ? 0 : version == 2 ? 1 : 2);
  const int padding = (b[2] >> 1) & 1;
  const int size =
      layer == 1 ? (12 * bitrate / rate + padding) * 4 : ((layer == 3 && !mpeg1) ? 72 : 144) * bitrate / rate + padding;
  // Version, layer and rate stay; bitrate, padding and (joint) stereo may change from frame to frame.
  return {RawStream::mp3, static_cast<std::size_t>(size),
          (static_cast<std::uint32_t>(b[1] & 0xFE) << 8) | (b[2] & 0x0C)};
}

RawFrame parse_adts(Bytes b) {
  if (b.size() < 7 || b[0] != 0xFF || (b[1] & 0xF6) != 0xF0) return {};
  const int rate_index = (b[2] >> 2) & 15;
  const std::size_t size =
      (static_cast<std::size_t>(b[3] & 3) << 11) | (static_cast<std::size_t>(b[4]) << 3) | (b[5] >> 5);
  if (rate_index > 12 || size < 8) return {};
  return {RawStream::adts, size,
          (static_cast<std::uint32_t>(b[1]) << 16) | (static_cast<std::uint32_t>(b[2] & 0xFD) << 8) | (b[3] & 0xC0)};
}

RawFrame parse_ac3(Bytes b) {
  if (b.size() < 7 || b[0] != 0x0B || b[1] != 0x77) return {};
  const int bsid = b[5] >> 3;
  if (bsid > 16) return {};
  if (bsid > 10) {
    const std::size_t words = ((static_cast<std::size_t>(b[2] & 7) << 8) | b[3]) + 1;
    return {RawStream::eac3, words * 2, static_cast<std::uint32_t>(b[4] & 0xC0)};
  }
  static constexpr std::array<int, 19> kbits = {32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                                192, 224, 256, 320, 384, 448, 512, 576, 640};
  const int rate_code = b[4] >> 6;
  const int size_code = b[4] & 63;
  if (rate_code == 3 || size_code > 37) return {};
  const int kbit = kbits[static_cast<std::size_t>(size_code / 2)];
  const int words = rate_code == 0 ? 2 * kbit : rate_code == 2 ? 3 * kbit : 320 * kbit / 147 + (size_code & 1);
  return {RawStream::ac3, static_cast<std::size_t>(words) * 2, static_cast<std::uint32_t>(b[4] & 0xC0)};
}

RawFrame parse_dts(Bytes b) {
  if (b.size() < 10 || b[0] != 0x7F || b[1] != 0xFE || b[2] != 0x80 || b[3] != 0x01) return {};
  const std::size_t size =
      ((static_cast<std::size_t>(b[5] & 3) << 12) | (static_cast<std::size_t>(b[6]) << 4) | (b[7] >> 4)) + 1;
  if (size < 96) return {};
  return {RawStream::dts, size, 0};
}

RawFrame parse_loas(Bytes b) {
  if (b.size() < 3 || b[0] != 0x56 || (b[1] & 0xE0) != 0xE0) return {};
  return {RawStream::loas, (static_cast<std::size_t>(b[1] & 0x1F) << 8 | b[2]) + 3, 0};
}

bool starts_chain(Bytes bytes, std::size_t offset, const RawFrame& first, Extent extent) {
  RawFrame frame = first;
  std::size_t at = offset;
  for (int seen = 1; seen < chain_length; ++seen) {
    at += frame.size;
    if (at >= bytes.size()) return extent == Extent::ends_file && seen > 1;
    // The last frame is often cut or followed by a tag.
    const RawFrame next = parse_raw_frame(bytes.subspan(at));
    if (next.kind == RawStream::none) return extent == Extent::ends_file && seen > 1 && bytes.size() - at < 256;
    if (next.kind != first.kind || next.identity != first.identity) return false;
    frame = next;
  }
  return true;
}

}  // namespace

RawFrame parse_raw_frame(Bytes bytes) {
  for (const auto parse : {parse_adts, parse_mpeg_audio, parse_ac3, parse_dts, parse_loas}) {
    if (const RawFrame frame = parse(bytes); frame.kind != RawStream::none) return frame;
  }
  return {};
}

RawStart find_raw_stream(Bytes bytes, Extent extent) {
  for (std::size_t offset = 0; offset + 4 <= bytes.size(); ++offset) {
    const std::uint8_t first = bytes[offset];
    if (first != 0xFF && first != 0x0B && first != 0x7F && first != 0x56) continue;
    const RawFrame frame = parse_raw_frame(bytes.subspan(offset));
    if (frame.kind == RawStream::none) continue;
    if (starts_chain(bytes, offset, frame, extent)) return {frame.kind, offset};
    // One whole frame and nothing else is a stream too.
    if (offset == 0 && extent == Extent::ends_file && frame.size >= 96 && frame.size == bytes.size())
      return {frame.kind, 0};
  }
  return {};
}

}  // namespace decant::audio
