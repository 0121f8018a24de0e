#pragma once

#include "audio/steps/sound_step.h"

namespace decant::audio {

/// Makes all louder or softer by one factor.
class Gain : public SoundStep {
 public:
  explicit Gain(double decibels);
  void apply(AVFrame& frame) override;

 private:
  float factor_;
};

}  // namespace decant::audio
