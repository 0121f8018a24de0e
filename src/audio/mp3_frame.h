#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace decant::audio {

/// What the four bytes of a frame of MPEG audio layer III say (ISO/IEC 11172-3, 2.4.1; 13818-3 for the lower rates).
struct Mp3Header {
  int version = 1;  ///< 1, or 2 for MPEG-2 and 2.5
  int sample_rate = 0;
  int channels = 0;
  int kilobits = 0;    ///< the bitrate
  int frame_size = 0;  ///< bytes, with these four
  int samples = 0;     ///< a channel, of the frame
  int side_begin = 4;  ///< where in the frame the side info begins: a checksum may stand before it
  int side_size = 0;
};

/// None for what begins no frame of layer III, or one of free bitrate.
[[nodiscard]] std::optional<Mp3Header> parse_mp3_header(std::span<const std::uint8_t> bytes);

/// Where things stand in a frame.
struct Mp3Frame {
  std::span<const std::uint8_t> side_info;
  std::span<const std::uint8_t> payload;  ///< the frame's share of the main data, which can belong to other frames
  int main_data_begin = 0;                ///< bytes of main data that stand in payloads before this frame
  int main_data_begin_bits = 9;           ///< width of that field, the first of the side info
  int main_data_bits = 0;                 ///< of all granules and channels
};

/// None for what is no whole frame.
[[nodiscard]] std::optional<Mp3Frame> parse_mp3_frame(std::span<const std::uint8_t> bytes);

}  // namespace decant::audio
