#pragma once

#include "audio/metadata.h"

namespace decant::audio {

/// The picture that shall be the front cover, from the file that holds it. too_large where no format takes so large a
/// one.
Result<Picture> read_cover(int descriptor);

}  // namespace decant::audio
