#pragma once

#include <span>

#include "audio/metadata.h"

namespace decant::audio {

/// The tags of a LIST INFO chunk's body, "INFO" and all (Microsoft, "Multimedia Programming Interface and Data
/// Specifications 1.0" section 3), names made common. UTF-8 where it is valid, else ISO 8859-1. Damage ends it early.
[[nodiscard]] std::vector<tasks::Tag> parse_riff_info(std::span<const std::uint8_t> body);

}  // namespace decant::audio
