#pragma once

#include "audio/steps/sound_step.h"

namespace decant::audio {

/// Counts the samples beyond full scale, which integers cannot hold and players cut off.
class Overs : public SoundStep {
 public:
  void apply(AVFrame& frame) override;
  /// Of all channels together.
  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  std::int64_t count_ = 0;
};

}  // namespace decant::audio
