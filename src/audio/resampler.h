#pragma once

#include "audio/av/handles.h"
#include "base/result.h"

namespace decant::audio {

/// What an encoder takes.
struct SampleFormat {
  AVSampleFormat format = AV_SAMPLE_FMT_NONE;
  int sample_rate = 0;
  av::ChannelLayout layout;
};

/// Brings frames of any kind, which may change midway, to one kind. Frames that have it already pass untouched.
class Resampler {
 public:
  explicit Resampler(SampleFormat target) : target_(std::move(target)) {}

  /// The converted samples, valid until the next call; nullptr when they are still inside. `frame` may be returned
  /// itself.
  Result<AVFrame*> convert(AVFrame& frame);
  /// What is still inside, after the last frame; nullptr when nothing is.
  Result<AVFrame*> flush();
  /// Whether any frame needed another rate.
  [[nodiscard]] bool changed_rate() const { return changed_rate_; }

 private:
  Result<void> rebuild(const AVFrame& frame);
  Result<AVFrame*> run(const AVFrame* frame, int room);

  SampleFormat target_;
  SampleFormat source_;
  av::Resampler context_;
  av::Frame out_ = av::make_frame();
  bool changed_rate_ = false;
  std::int64_t samples_in_ = 0;   // since the last rebuild, at the source's rate
  std::int64_t samples_out_ = 0;  // since the last rebuild, at the target's
};

}  // namespace decant::audio
