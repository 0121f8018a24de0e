#pragma once

#include "audio/source.h"

namespace decant::audio {

/// All tags and pictures of FLAC and Ogg, read from the file itself: of their Vorbis comments libavformat would lose
/// the limits between several values of a name and the types of pictures. Nothing for other kinds of files.
[[nodiscard]] Metadata read_native_metadata(const Source& source);

/// The tags with several values of an ID3v2 tag at the start of the file or in a chunk of WAV or AIFF
/// (parse_id3v2_lists).
[[nodiscard]] std::vector<tasks::Tag> read_id3v2_lists(const Source& source);

}  // namespace decant::audio
