#pragma once

#include "audio/resampler.h"

namespace decant::audio {

/// None rounds. Triangular adds noise of triangular density, two steps wide (TPDF), before: what is lost by rounding
/// becomes a steady noise in place of distortion, and sounds below the last bit are still heard in it.
enum class Dither { none, triangular };

/// Makes integers of floats, the one time that bit depth falls. Values beyond full scale become full scale.
///
/// The noise depends on a sample's place alone, so the same sound gives the same file. A channel of a frame that needs
/// no rounding, silence above all, passes as it is.
class Quantizer {
 public:
  /// `bits` of `target`'s integers are used, the higher ones; 8 to 32.
  Quantizer(SampleFormat target, int bits, Dither dither);

  /// Planar floats of the target's rate and layout, each frame following the one before. Valid until the next call.
  Result<AVFrame*> convert(const AVFrame& floats);

 private:
  SampleFormat target_;
  int bits_;
  Dither dither_;
  av::Frame out_ = av::make_frame();
  std::int64_t position_ = 0;
};

}  // namespace decant::audio
