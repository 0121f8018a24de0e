#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// Ogg (RFC 3533) with Vorbis I, and with Opus (RFC 7845). Pictures go into the comments.
[[nodiscard]] std::unique_ptr<Muxer> make_vorbis_muxer(av::OutputFile& file);
[[nodiscard]] std::unique_ptr<Muxer> make_opus_muxer(av::OutputFile& file);

}  // namespace decant::audio
