#include "audio/steps/overs.h"

#include <algorithm>
#include <cmath>

namespace decant::audio {

void Overs::apply(AVFrame& frame) {
  for (int channel = 0; channel < frame.ch_layout.nb_channels; ++channel) {
    count_ += std::ranges::count_if(float_channel(frame, channel), [](float sample) { return std::abs(sample) > 1; });
  }
}

}  // namespace decant::audio
