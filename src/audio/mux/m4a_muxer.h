#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// MPEG-4 with iTunes metadata, for AAC and ALAC.
[[nodiscard]] std::unique_ptr<Muxer> make_m4a_muxer(av::OutputFile& file);

}  // namespace decant::audio
