#pragma once

#include <span>

#include "audio/av/handles.h"

namespace decant::audio {

/// Changes the values of samples; as many come out as went in.
class SoundStep {
 public:
  virtual ~SoundStep() = default;
  /// In place. The frame is writable, holds planar floats and follows the one before.
  virtual void apply(AVFrame& frame) = 0;
};

/// The samples of one channel of a frame of planar floats.
inline std::span<float> float_channel(AVFrame& frame, int channel) {
  return {reinterpret_cast<float*>(frame.extended_data[channel]), static_cast<std::size_t>(frame.nb_samples)};
}

}  // namespace decant::audio
