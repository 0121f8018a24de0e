#pragma once

#include "audio/source.h"

namespace decant::audio {

/// The tags, pictures and chapters of an opened file, names made common and texts made UTF-8.
[[nodiscard]] Metadata read_metadata(const Source& source);

}  // namespace decant::audio
