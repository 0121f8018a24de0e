#pragma once

#include "audio/formats/format.h"

namespace decant::audio {

// What the files of this folder export, for table.cpp.
extern const Format mp3_format, m4a_format, ogg_format, opus_format, wav_format, flac_format, aiff_format, alac_format,
    wma_format;

}  // namespace decant::audio
