#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// An ID3v2 tag, a frame that tells length, delay and padding (Mp3InfoFrame) where the delay is known, and the stream's
/// frames.
[[nodiscard]] std::unique_ptr<Muxer> make_mp3_muxer(av::OutputFile& file);

}  // namespace decant::audio
