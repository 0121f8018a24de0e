#include "audio/trim.h"

namespace decant::audio {

namespace {

std::int64_t to_samples(tasks::AudioTime time, int sample_rate) {
  return av_rescale_rnd(time.count(), sample_rate, AV_TIME_BASE, AV_ROUND_NEAR_INF);
}

std::string in_seconds(tasks::AudioTime time) {
  return fmt::format("{:.3f} s", static_cast<double>(time.count()) / 1e6);
}

}  // namespace

Trim::Trim(const tasks::ConversionOptions& options, int sample_rate) {
  if (options.start) start_ = to_samples(*options.start, sample_rate);
  if (options.end) end_ = to_samples(*options.end, sample_rate);
}

bool Trim::cut(AVFrame& frame) {
  const std::int64_t first = position_;
  position_ += frame.nb_samples;
  const std::int64_t from = std::max(first, start_);
  const std::int64_t to = end_ ? std::min(position_, *end_) : position_;
  if (from >= to) return false;
  const auto skip = static_cast<int>(from - first);
  const auto kept = static_cast<int>(to - from);
  if (skip > 0) {
    // Moving the samples to the front keeps the pointers aligned, which encoders and the resampler are quicker with.
    av_samples_copy(frame.extended_data, frame.extended_data, 0, skip, kept, frame.ch_layout.nb_channels,
                    static_cast<AVSampleFormat>(frame.format));
  }
  frame.nb_samples = kept;
  samples_ += kept;
  return true;
}

Failure nothing_in_cut(const tasks::ConversionOptions& options, const Decoder& decoder) {
  const tasks::AudioTime length(av_rescale(decoder.samples(), AV_TIME_BASE, decoder.sound().sample_rate));
  return failure(ErrorCode::unprocessable,
                 fmt::format("start is at {}, but the audio ends at {}",
                             in_seconds(options.start.value_or(tasks::AudioTime{})), in_seconds(length)));
}

}  // namespace decant::audio
