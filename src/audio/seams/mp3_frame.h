#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace decant::audio {

/// Where things stand in a frame of MPEG audio layer III (ISO/IEC 11172-3, 2.4.1; 13818-3 for the lower rates).
struct Mp3Frame {
  std::span<const std::uint8_t> side_info;
  std::span<const std::uint8_t> payload;  ///< the frame's share of the main data, which can belong to other frames
  int main_data_begin = 0;                ///< bytes of main data that stand in payloads before this frame
  int main_data_begin_bits = 9;           ///< width of that field, the first of the side info
  int main_data_bits = 0;                 ///< of all granules and channels
};

/// None for what is no whole frame.
[[nodiscard]] std::optional<Mp3Frame> parse_mp3_frame(std::span<const std::uint8_t> bytes);

/// Bytes of a frame with that header, 0 for an impossible one.
[[nodiscard]] int mp3_frame_size(std::span<const std::uint8_t, 4> header);

}  // namespace decant::audio
