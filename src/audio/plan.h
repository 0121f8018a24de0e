#pragma once

#include "audio/formats/format.h"
#include "audio/resampler.h"
#include "audio/steps/processing.h"

namespace decant::audio {

/// What the output will be.
struct Plan {
  SampleFormat samples;  ///< what the encoder takes
  Encoding encoding;
  bool is_lossless = false;
  std::vector<std::string> notes;  ///< sentences for people: what is lost or made up

  /// Bits of a sample that hold something.
  [[nodiscard]] int bits() const {
    return encoding.bits > 0 ? encoding.bits : 8 * av_get_bytes_per_sample(samples.format);
  }
};

/// From the source's sound and the checked options. internal when this build lacks the encoder.
Result<Plan> make_plan(const Format& format, const Sound& sound, const tasks::ConversionOptions& options);

/// What was found out about the whole sound before it is encoded.
struct Level {
  double gain = 0;           ///< dB
  std::int64_t samples = 0;  ///< a channel of the output; only a fade out asks
};

/// The steps that the options ask for, and the one rounding to fewer bits, with dither where it goes to 16 or fewer:
/// when the source is deeper, or when mixing, resampling or a step computed new values. Lossy sources count as 16 bits.
[[nodiscard]] Processing make_processing(Plan& plan, const Sound& sound, const tasks::ConversionOptions& options,
                                         const Level& level);

}  // namespace decant::audio
