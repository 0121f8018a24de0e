#include "audio/steps/gain.h"

#include <cmath>

namespace decant::audio {

Gain::Gain(double decibels) : factor_(static_cast<float>(std::pow(10.0, decibels / 20))) {}

void Gain::apply(AVFrame& frame) {
  for (int channel = 0; channel < frame.ch_layout.nb_channels; ++channel) {
    for (float& sample : float_channel(frame, channel)) sample *= factor_;
  }
}

}  // namespace decant::audio
