#pragma once

#include "audio/steps/sound_step.h"

namespace decant::audio {

/// Fades in from the first sample and out to the last one, each along a quarter of a sine: of equal power, so that two
/// fades across one another keep the loudness. Where both meet they multiply.
class Fade : public SoundStep {
 public:
  /// In samples a channel: the fades' lengths and that of the whole sound, which only a fade out needs.
  Fade(std::int64_t in, std::int64_t out, std::int64_t length) : in_(in), out_(out), length_(length) {}
  void apply(AVFrame& frame) override;

 private:
  [[nodiscard]] double factor_at(std::int64_t position) const;

  std::int64_t in_;
  std::int64_t out_;
  std::int64_t length_;
  std::int64_t position_ = 0;
};

}  // namespace decant::audio
