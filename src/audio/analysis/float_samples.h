#pragma once

#include <span>
#include <vector>

#include "audio/av/handles.h"

namespace decant::audio {

/// Samples as the analyzers take them: one array of floats a channel, full scale from -1 to 1.
struct FloatBlock {
  int sample_rate = 0;                       ///< Hz, above 0
  const AVChannelLayout* layout = nullptr;   ///< of channels.size() channels
  std::span<const float* const> channels{};  ///< at least one
  std::size_t samples = 0;                   ///< a channel
};

/// Makes floats of frames of any sample format, packed or planar. What is no sound in a floating-point source (NaN,
/// infinities, numbers beyond +120 dBFS) becomes 0.
class FloatSamples {
 public:
  /// Valid until the next call; `frame` must outlive it, too.
  FloatBlock read(const AVFrame& frame);

 private:
  std::vector<std::vector<float>> copies_;
  std::vector<const float*> channels_;
};

}  // namespace decant::audio
