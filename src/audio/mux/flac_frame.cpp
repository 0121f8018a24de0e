#include "audio/mux/flac_frame.h"

#include <algorithm>
#include <bit>

#include "audio/av/libav.h"

namespace decant::audio {

namespace {

constexpr std::size_t number_position = 4;

Failure no_frame() {
  return failure(ErrorCode::internal, "the result could not be written", "the FLAC encoder made no frame");
}

/// UTF-8's scheme, extended to 36 bits.
void put_number(std::vector<std::uint8_t>& out, std::int64_t number) {
  if (number < 0x80) {
    out.push_back(static_cast<std::uint8_t>(number));
    return;
  }
  int following = 1;
  while (number >> (5 * following + 6) != 0) ++following;
  const unsigned lead = 0xff00U >> (following + 1) & 0xffU;
  out.push_back(static_cast<std::uint8_t>(lead | static_cast<unsigned>(number >> 6 * following)));
  while (following-- > 0) out.push_back(static_cast<std::uint8_t>(0x80 | (number >> 6 * following & 0x3f)));
}

/// Bytes of a number by its first one.
std::size_t number_size(std::uint8_t lead) {
  const auto ones = static_cast<std::size_t>(std::countl_one(lead));
  return ones == 0 ? 1 : ones;
}

/// Bytes behind the number that tell block size and sample rate, where the codes of the third byte say so.
std::size_t extra_size(std::uint8_t codes) {
  const int block_size = codes >> 4;
  const int sample_rate = codes & 0xf;
  return (block_size == 6   ? 1U
          : block_size == 7 ? 2U
                            : 0U) +
         (sample_rate == 12                        ? 1U
          : sample_rate == 13 || sample_rate == 14 ? 2U
                                                   : 0U);
}

std::uint32_t checksum(AVCRCId id, std::span<const std::uint8_t> bytes) {
  return av_crc(av_crc_get_table(id), 0, bytes.data(), bytes.size());
}

}  // namespace

Result<std::vector<std::uint8_t>> number_flac_frame(std::span<const std::uint8_t> frame, std::int64_t number) {
  constexpr std::size_t footer = 2;
  if (frame.size() < number_position + 1 || frame[0] != 0xff || frame[1] != 0xf8) return no_frame();
  const std::size_t old_number = number_size(frame[number_position]);
  const std::size_t header = number_position + old_number + extra_size(frame[2]);
  if (frame.size() < header + 1 + footer) return no_frame();
  std::vector<std::uint8_t> out;
  out.reserve(frame.size() + 8);
  out.assign(frame.begin(), frame.begin() + number_position);
  put_number(out, number);
  if (std::ranges::equal(out, frame.first(std::min(out.size(), frame.size())))) {
    out.insert(out.end(), frame.begin() + static_cast<std::ptrdiff_t>(out.size()), frame.end());
    return out;
  }
  out.insert(out.end(), frame.begin() + static_cast<std::ptrdiff_t>(number_position + old_number),
             frame.begin() + static_cast<std::ptrdiff_t>(header));
  out.push_back(static_cast<std::uint8_t>(checksum(AV_CRC_8_ATM, out)));
  out.insert(out.end(), frame.begin() + static_cast<std::ptrdiff_t>(header + 1), frame.end() - footer);
  // libavutil computes this one with the bytes swapped.
  const std::uint32_t crc = checksum(AV_CRC_16_ANSI, out);
  out.push_back(static_cast<std::uint8_t>(crc));
  out.push_back(static_cast<std::uint8_t>(crc >> 8));
  return out;
}

}  // namespace decant::audio
