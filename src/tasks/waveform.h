#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"

namespace decant::tasks {

/// The JSON form of audiowaveform's binary data file, version 2, for wavesurfer.js, Peaks.js and whatever else draws
/// it: {"version":2,"channels":1,"sample_rate":44100,"samples_per_pixel":256,"bits":8,"length":2,"data":[-5,6,-7,8]},
/// data holding the lowest and the highest sample of each pixel
/// (https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md). `internal` when `dat` is damaged.
Result<std::string> waveform_json(std::span<const std::byte> dat);

}  // namespace decant::tasks
