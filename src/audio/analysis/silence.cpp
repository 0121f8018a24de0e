#include "audio/analysis/silence.h"

#include <algorithm>
#include <cmath>

namespace decant::audio {

SilenceMap::SilenceMap(const Options& options)
    : options_(options), loudest_silent_(static_cast<float>(std::pow(10.0, options.threshold / 20))) {}

tasks::AudioTime SilenceMap::time_of(std::int64_t sample) const {
  return rate_begin_ + tasks::AudioTime(av_rescale(sample, AV_TIME_BASE, sample_rate_));
}

void SilenceMap::add(const FloatBlock& block) {
  if (block.sample_rate != sample_rate_) {
    if (sample_rate_ != 0) rate_begin_ = time_of(position_);
    sample_rate_ = block.sample_rate;
    position_ = 0;
  }
  envelope_.assign(block.samples, 0);
  for (const float* channel : block.channels) {
    for (std::size_t i = 0; i < block.samples; ++i) envelope_[i] = std::max(envelope_[i], std::abs(channel[i]));
  }
  for (auto sample = envelope_.begin(); sample != envelope_.end();) {
    const auto changes =
        std::find_if(sample, envelope_.end(), [this](float level) { return (level < loudest_silent_) != is_silent_; });
    if (changes == envelope_.end()) break;
    const tasks::AudioTime time = time_of(position_ + (changes - envelope_.begin()));
    if (is_silent_) {
      end_run(time);
    } else {
      is_silent_ = true;
      run_begin_ = time;
    }
    sample = changes;
  }
  position_ += static_cast<std::int64_t>(block.samples);
}

void SilenceMap::end_run(tasks::AudioTime end) {
  is_silent_ = false;
  if (end - run_begin_ < options_.shortest) return;
  ++count_;
  total_ += end - run_begin_;
  if (ranges_.size() < options_.most_ranges) ranges_.push_back({run_begin_, end});
}

void SilenceMap::finish() {
  if (is_silent_) end_run(time_of(position_));
}

}  // namespace decant::audio
