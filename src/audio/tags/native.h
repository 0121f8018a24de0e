#pragma once

#include "audio/source.h"

namespace decant::audio {

/// The tags and pictures that the file tells in the tag formats read here, from the file itself: Vorbis comments of
/// FLAC and Ogg, ID3v2 at the start and in chunks of WAV and AIFF, LIST INFO, iTunes metadata, ASF's attributes.
/// libavformat would lose the limits between several values of a name, descriptions, and much else.
[[nodiscard]] Metadata read_native_metadata(const Source& source);

}  // namespace decant::audio
