#pragma once

#include <ebur128.h>

#include <memory>
#include <optional>
#include <vector>

#include "audio/analysis/float_samples.h"

namespace decant::audio {

/// Loudness and peaks of a programme by EBU R 128 (ITU-R BS.1770-4, EBU Tech 3341 and 3342), measured by libebur128.
/// What was measured of parts with another rate or layout counts. Takes some 600 kB for each hour of audio.
class Loudness {
 public:
  struct Values {
    std::optional<double> integrated;   ///< LUFS; none: no part is louder than the gate at -70 LUFS
    double range = 0;                   ///< LU
    std::optional<double> true_peak;    ///< dBTP, of all channels, four times oversampled; none: digital silence
    std::optional<double> sample_peak;  ///< dBFS, of all channels; none: digital silence
  };

  void add(const FloatBlock& block);
  [[nodiscard]] Values measure() const;

 private:
  struct Freed {
    void operator()(ebur128_state* state) const;
  };
  void follow_format(const FloatBlock& block);
  void keep_peaks();

  std::unique_ptr<ebur128_state, Freed> state_;
  av::ChannelLayout layout_;
  std::vector<float> packed_;
  // Of the parts before the last change of the format, of which libebur128 keeps only the loudness. Full scale is 1.
  double earlier_true_peak_ = 0;
  double earlier_sample_peak_ = 0;
};

}  // namespace decant::audio
