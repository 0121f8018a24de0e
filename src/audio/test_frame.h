#pragma once

#include <span>
#include <vector>

#include "audio/av/handles.h"

namespace decant::audio {

/// A frame of planar floats with these samples in every channel.
inline av::Frame make_test_frame(std::span<const float> samples, int sample_rate, int channels = 1) {
  av::Frame frame = av::make_frame();
  frame->format = AV_SAMPLE_FMT_FLTP;
  frame->sample_rate = sample_rate;
  frame->nb_samples = static_cast<int>(samples.size());
  av_channel_layout_default(&frame->ch_layout, channels);
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  for (int channel = 0; channel < channels; ++channel) {
    std::ranges::copy(samples, reinterpret_cast<float*>(frame->extended_data[channel]));
  }
  return frame;
}

/// The samples of one channel of a frame of planar `Sample`s.
template <class Sample = float>
std::span<const Sample> channel_of(const AVFrame& frame, int channel = 0) {
  return {reinterpret_cast<const Sample*>(frame.extended_data[channel]), static_cast<std::size_t>(frame.nb_samples)};
}

}  // namespace decant::audio
