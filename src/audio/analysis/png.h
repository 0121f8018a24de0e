#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace decant::audio {

/// A PNG of `width` * (pixels.size() / width) pixels, rows from the top, whose levels from 0 to 255 run from black over
/// violet, red and yellow to white, growing evenly lighter.
Result<std::vector<std::uint8_t>> make_heat_png(std::span<const std::uint8_t> pixels, int width);

}  // namespace decant::audio
