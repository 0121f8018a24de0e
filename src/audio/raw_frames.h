#pragma once

#include <cstdint>
#include <span>

namespace decant::audio {

/// Streams of frames without a container, told by a chain of frame headers.
enum class RawStream { none, mp3, adts, ac3, eac3, dts, loas };

struct RawFrame {
  RawStream kind = RawStream::none;
  std::size_t size = 0;        ///< bytes, header included; 0 where the header does not tell (free-format MP3)
  std::uint32_t identity = 0;  ///< the same in every frame of one stream
};

/// The frame that starts at bytes[0], kind none when there is none. MPEG-1/2/2.5 layers 1 to 3 (ISO 11172-3, 13818-3),
/// ADTS and LOAS (ISO 14496-3), AC-3 and E-AC-3 (ETSI TS 102 366), DTS core (ETSI TS 102 114).
[[nodiscard]] RawFrame parse_raw_frame(std::span<const std::uint8_t> bytes);

struct RawStart {
  RawStream kind = RawStream::none;
  std::size_t offset = 0;  ///< of the first frame
};

/// The first place in `bytes` from which frame follows frame; `ends_file` tells that nothing follows `bytes`, so that a
/// shorter chain that reaches its end is enough.
enum class Extent { ends_file, goes_on };
[[nodiscard]] RawStart find_raw_stream(std::span<const std::uint8_t> bytes, Extent extent);

}  // namespace decant::audio
