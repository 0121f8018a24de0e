#pragma once

#include "audio/parallel/seam.h"

namespace decant::audio {

/// For encoders that soon make the same packets wherever they start: Vorbis, WMA, ALAC.
extern const Seam vorbis_seam;
extern const Seam wma_seam;
extern const Seam alac_seam;
/// For encoders whose frames know nothing of one another.
extern const Seam flac_seam;
/// For encoders that go on differing in what nobody hears.
extern const Seam opus_seam;
extern const Seam aac_seam;
/// LAME's, constant and variable bitrate: joins the bit reservoirs.
extern const Seam mp3_seam;

}  // namespace decant::audio
