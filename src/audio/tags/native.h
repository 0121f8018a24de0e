#pragma once

#include "audio/source.h"

namespace decant::audio {

/// Tags and pictures read from the file itself, where libavformat would lose something: the Vorbis comments of FLAC and
/// Ogg (several values of a name, picture types). Nothing for other kinds of files.
[[nodiscard]] Metadata read_native_metadata(const Source& source);

}  // namespace decant::audio
