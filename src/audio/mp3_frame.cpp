#include "audio/mp3_frame.h"

#include <array>
#include <utility>

namespace decant::audio {

namespace {

constexpr std::array<std::array<int, 15>, 2> bitrates = {{
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},      // kbit/s, MPEG-2 and 2.5
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},  // MPEG-1
}};
constexpr std::array<int, 3> rates = {44100, 48000, 32000};
constexpr int version_1 = 3;
constexpr int version_2 = 2;

/// The most significant bit of a byte comes first.
class Bits {
 public:
  explicit Bits(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  void skip(int count) { position_ += static_cast<std::size_t>(count); }
  int read(int count) {
    int value = 0;
    for (; count > 0; --count, ++position_) {
      value = value << 1 | (bytes_[position_ / 8] >> (7 - position_ % 8) & 1);
    }
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t position_ = 0;
};

}  // namespace

std::optional<Mp3Header> parse_mp3_header(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 4 || bytes[0] != 0xff || (bytes[1] & 0xe6) != 0xe2) return std::nullopt;
  const int version = bytes[1] >> 3 & 3;
  const int bitrate = bytes[2] >> 4;
  const int rate = bytes[2] >> 2 & 3;
  const int padding = bytes[2] >> 1 & 1;
  if (version == 1 || bitrate == 0 || bitrate == 15 || rate == 3) return std::nullopt;
  const bool is_1 = version == version_1;
  Mp3Header header;
  header.version = is_1 ? 1 : 2;
  header.sample_rate = rates[static_cast<std::size_t>(rate)] >> (is_1 ? 0 : version == version_2 ? 1 : 2);
  header.channels = bytes[3] >> 6 == 3 ? 1 : 2;
  header.kilobits = bitrates[is_1 ? 1 : 0][static_cast<std::size_t>(bitrate)];
  header.samples = is_1 ? 1152 : 576;
  header.frame_size = header.samples / 8 * 1000 * header.kilobits / header.sample_rate + padding;
  const bool has_checksum = (bytes[1] & 1) == 0;
  header.side_begin = has_checksum ? 6 : 4;
  header.side_size = is_1 ? (header.channels == 2 ? 32 : 17) : (header.channels == 2 ? 17 : 9);
  return header;
}

std::optional<Mp3Frame> parse_mp3_frame(std::span<const std::uint8_t> bytes) {
  const auto header = parse_mp3_header(bytes);
  if (!header || !std::cmp_equal(header->frame_size, bytes.size())) return std::nullopt;
  const bool is_1 = header->version == 1;
  const int channels = header->channels;
  const auto side_begin = static_cast<std::size_t>(header->side_begin);
  const auto side_size = static_cast<std::size_t>(header->side_size);
  if (bytes.size() < side_begin + side_size) return std::nullopt;
  Mp3Frame frame;
  frame.side_info = bytes.subspan(side_begin, side_size);
  frame.payload = bytes.subspan(side_begin + side_size);
  frame.main_data_begin_bits = is_1 ? 9 : 8;
  Bits bits(frame.side_info);
  frame.main_data_begin = bits.read(frame.main_data_begin_bits);
  const int private_and_scfsi = is_1 ? (channels == 2 ? 3 : 5) + 4 * channels : channels;
  bits.skip(private_and_scfsi);
  for (int part = 0; part < channels * (is_1 ? 2 : 1); ++part) {
    frame.main_data_bits += bits.read(12);
    bits.skip((is_1 ? 59 : 63) - 12);
  }
  return frame;
}

}  // namespace decant::audio
