#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace decant::audio {

/// A FLAC frame with another frame number and the checksums that go with it (RFC 9639, section 9): encoders that
/// started in mid-sound count from 0. internal for what is no frame of a stream with a fixed block size.
Result<std::vector<std::uint8_t>> number_flac_frame(std::span<const std::uint8_t> frame, std::int64_t number);

}  // namespace decant::audio
