#pragma once

#include <span>

#include "audio/metadata.h"

namespace decant::audio {

/// The tags and pictures of an ASF header object, header and all (Advanced Systems Format specification 1.20, sections
/// 3.10, 3.11, 4.7, 4.8), names made common, all values of a name. Damage ends it early.
[[nodiscard]] Metadata parse_asf_header(std::span<const std::uint8_t> header);

}  // namespace decant::audio
