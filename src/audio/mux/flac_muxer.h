#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// Native FLAC (RFC 9639): stream information, Vorbis comment, pictures, padding, frames.
[[nodiscard]] std::unique_ptr<Muxer> make_flac_muxer(av::OutputFile& file);

}  // namespace decant::audio
