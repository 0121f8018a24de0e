#pragma once

#include <optional>
#include <vector>

#include "audio/analysis/float_samples.h"

namespace decant::audio {

/// The DR value of the Pleasurize Music Foundation ("Dynamic Range Meter", as the free dr14_t.meter computes it): for
/// each channel, how far its second highest peak of blocks of 3 s lies above the RMS of its loudest fifth of blocks, in
/// dB, where a sine of full scale has an RMS of 0 dB; then the mean of the channels.
class DynamicRange {
 public:
  void add(const FloatBlock& block);
  /// Unrounded, where the meter shows whole numbers. None for less than 6 s and for digital silence. Ends the
  /// measurement.
  [[nodiscard]] std::optional<double> finish();

 private:
  struct Block {
    float mean_square;
    float peak;
  };
  struct Channel {
    std::vector<Block> blocks;
    double squares = 0;
    float peak = 0;
  };
  void close_blocks();

  std::vector<Channel> channels_;
  int sample_rate_ = 0;
  std::size_t filled_ = 0;  // samples in the open blocks
};

}  // namespace decant::audio
