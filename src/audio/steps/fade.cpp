#include "audio/steps/fade.h"

#include <cmath>
#include <numbers>

namespace decant::audio {

namespace {

/// From 0 at the beginning of a fade in to 1 at its end; in the middle of the sample, so that a fade in and a fade out
/// of the same length are mirror images.
double quarter_sine(std::int64_t position, std::int64_t length) {
  const double part = (static_cast<double>(position) + 0.5) / static_cast<double>(length);
  return std::sin(part * std::numbers::pi / 2);
}

}  // namespace

double Fade::factor_at(std::int64_t position) const {
  const std::int64_t to_end = std::max<std::int64_t>(length_ - 1 - position, 0);
  return (position < in_ ? quarter_sine(position, in_) : 1) * (to_end < out_ ? quarter_sine(to_end, out_) : 1);
}

void Fade::apply(AVFrame& frame) {
  const std::int64_t first = position_;
  position_ += frame.nb_samples;
  if (first >= in_ && (out_ == 0 || position_ <= length_ - out_)) return;
  for (int i = 0; i < frame.nb_samples; ++i) {
    const auto factor = static_cast<float>(factor_at(first + i));
    for (int channel = 0; channel < frame.ch_layout.nb_channels; ++channel) {
      float_channel(frame, channel)[static_cast<std::size_t>(i)] *= factor;
    }
  }
}

}  // namespace decant::audio
