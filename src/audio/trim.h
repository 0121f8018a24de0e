#pragma once

#include "audio/decoder.h"

namespace decant::audio {

/// Cuts frames to the part from `start` to `end`, exact to the sample at the source's rate.
class Trim {
 public:
  Trim(const tasks::ConversionOptions& options, int sample_rate);

  /// Cuts the frame in place; false when nothing of it is wanted.
  bool cut(AVFrame& frame);
  /// Whether every sample that is wanted has passed.
  [[nodiscard]] bool is_done() const { return end_ && position_ >= *end_; }
  /// Samples that passed, a channel.
  [[nodiscard]] std::int64_t samples() const { return samples_; }

 private:
  std::int64_t start_ = 0;
  std::optional<std::int64_t> end_;
  std::int64_t position_ = 0;
  std::int64_t samples_ = 0;
};

/// When nothing passed: unprocessable, with the source's length.
[[nodiscard]] Failure nothing_in_cut(const tasks::ConversionOptions& options, const Decoder& decoder);

}  // namespace decant::audio
