#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// ASF with WM attributes.
[[nodiscard]] std::unique_ptr<Muxer> make_asf_muxer(av::OutputFile& file);

}  // namespace decant::audio
