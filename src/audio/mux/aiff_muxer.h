#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// Tags in an ID3 chunk.
[[nodiscard]] std::unique_ptr<Muxer> make_aiff_muxer(av::OutputFile& file);

}  // namespace decant::audio
