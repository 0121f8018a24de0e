#pragma once

#include "audio/plan.h"
#include "audio/progress.h"
#include "tasks/options.h"

namespace decant::audio {

/// What the options need to know of the whole sound before its first sample is encoded.
struct Measured {
  tasks::ConversionOptions options;  ///< as asked, with start and end moved to what is no silence
  Level level;
  std::vector<std::string> notes;  ///< sentences for people: what was measured and what follows
};

/// Decodes the input once if any option asks for it (loudness, peak, trimSilence, fadeOut): to the encoder's rate and
/// channels, as floats. Then `progress` leaves what follows its share of the whole. unprocessable when nothing is left
/// of the sound.
Result<Measured> measure(int input, const tasks::ConversionOptions& options, const Plan& plan, ProgressMeter& progress);

}  // namespace decant::audio
