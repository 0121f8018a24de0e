#pragma once

#include "audio/source.h"

namespace decant::audio {

/// The description of an opened file for the rest of decant.
[[nodiscard]] tasks::MediaInfo describe(const Source& source, const Metadata& metadata);

}  // namespace decant::audio
