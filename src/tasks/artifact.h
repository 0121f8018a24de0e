#pragma once

#include <cstddef>
#include <vector>

#include "base/file.h"
#include "tasks/analysis.h"

namespace decant::tasks {

/// A file that was made beside a conversion's output: a piece of ConversionJob::extras.
struct Artifact {
  Analysis analysis = Analysis::waveform;  ///< which made it: waveform (tasks/waveform.h) or spectrogram (PNG)
  ByteCount offset = 0;
  ByteCount size = 0;
  friend bool operator==(const Artifact&, const Artifact&) = default;
};

/// The bytes of `artifact`, which Converter::convert checked to be in `extras`. Blocks.
Result<std::vector<std::byte>> read_artifact(int extras, const Artifact& artifact);

}  // namespace decant::tasks
