#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// With an ID3v2 tag in front, and a Xing header that tells the delay and padding.
[[nodiscard]] std::unique_ptr<Muxer> make_mp3_muxer(av::OutputFile& file);

}  // namespace decant::audio
