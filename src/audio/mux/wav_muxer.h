#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// RIFF, or RF64 above 4 GB; tags in a LIST INFO chunk where that holds them all, and in an id3 chunk.
[[nodiscard]] std::unique_ptr<Muxer> make_wav_muxer(av::OutputFile& file);

}  // namespace decant::audio
