#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "audio/steps/overs.h"
#include "audio/steps/quantizer.h"
#include "audio/steps/sound_step.h"

namespace decant::audio {

/// What becomes of the sound between the trim and the encoder: resample/remix → steps → quantize. Without steps and
/// quantizer frames go from the resampler to the encoder as they are.
struct Processing {
  SampleFormat target;  ///< what the encoder takes
  std::vector<std::unique_ptr<SoundStep>> steps;
  std::optional<Overs> overs;  ///< counts behind the steps, where the target cannot hold more than full scale
  std::optional<Quantizer> quantizer;

  [[nodiscard]] bool needs_floats() const { return !steps.empty() || quantizer.has_value(); }
};

}  // namespace decant::audio
