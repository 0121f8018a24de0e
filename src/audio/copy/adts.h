#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace decant::audio {

/// A frame of an AAC stream in the Audio Data Transport Stream format (ISO 14496-3, 1.A.2.2).
struct AdtsFrame {
  std::vector<std::uint8_t> config;    ///< AudioSpecificConfig, which other containers tell once for all frames
  std::span<const std::uint8_t> data;  ///< without the header
};

/// Nothing for what is no frame, for one of several raw data blocks, and where the channels stand inside the frames.
[[nodiscard]] std::optional<AdtsFrame> read_adts_frame(std::span<const std::uint8_t> packet);

}  // namespace decant::audio
