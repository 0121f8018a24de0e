#include "audio/analysis/loudness.h"

#include <algorithm>
#include <cmath>
#include <new>

namespace decant::audio {

namespace {

constexpr int mode = EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_SAMPLE_PEAK;

/// BS.1770-4 table 4 gives channels a weight by where their loudspeakers stand. "Back" stands at 110° in a layout
/// of five and at 135° where there is a side, too.
int position_of(AVChannel channel, bool has_side) {
  switch (channel) {
    case AV_CHAN_LOW_FREQUENCY:
    case AV_CHAN_LOW_FREQUENCY_2: return EBUR128_UNUSED;
    case AV_CHAN_FRONT_LEFT: return EBUR128_LEFT;
    case AV_CHAN_FRONT_RIGHT: return EBUR128_RIGHT;
    case AV_CHAN_SIDE_LEFT: return EBUR128_Mp090;
    case AV_CHAN_SIDE_RIGHT: return EBUR128_Mm090;
    case AV_CHAN_BACK_LEFT: return has_side ? EBUR128_Mp135 : EBUR128_Mp110;
    case AV_CHAN_BACK_RIGHT: return has_side ? EBUR128_Mm135 : EBUR128_Mm110;
    case AV_CHAN_BACK_CENTER: return EBUR128_Mp180;
    default: return EBUR128_CENTER;  // as every other one: of weight 1
  }
}

std::optional<double> to_decibels(double amplitude) {
  if (amplitude <= 0) return std::nullopt;
  return 20 * std::log10(amplitude);
}

struct Peaks {
  double sample = 0;
  double true_peak = 0;
};

Peaks peaks_of(ebur128_state& state) {
  Peaks peaks;
  for (unsigned channel = 0; channel < state.channels; ++channel) {
    double peak = 0;
    if (ebur128_sample_peak(&state, channel, &peak) == EBUR128_SUCCESS) peaks.sample = std::max(peaks.sample, peak);
    if (ebur128_true_peak(&state, channel, &peak) == EBUR128_SUCCESS) peaks.true_peak = std::max(peaks.true_peak, peak);
  }
  return peaks;
}

}  // namespace

void Loudness::Freed::operator()(ebur128_state* state) const { ebur128_destroy(&state); }

void Loudness::keep_peaks() {
  const Peaks peaks = peaks_of(*state_);
  earlier_sample_peak_ = std::max(earlier_sample_peak_, peaks.sample);
  earlier_true_peak_ = std::max(earlier_true_peak_, peaks.true_peak);
}

void Loudness::follow_format(const FloatBlock& block) {
  const auto channels = static_cast<unsigned>(block.channels.size());
  const auto rate = static_cast<unsigned long>(block.sample_rate);
  av::ChannelLayout layout(*block.layout);
  if (state_ == nullptr) {
    state_.reset(ebur128_init(channels, rate, mode));
    if (state_ == nullptr) throw std::bad_alloc();
  } else if (state_->channels != channels || state_->samplerate != rate) {
    keep_peaks();
    if (ebur128_change_parameters(state_.get(), channels, rate) == EBUR128_ERROR_NOMEM) throw std::bad_alloc();
  } else if (layout == layout_) {
    return;
  }
  layout_ = std::move(layout);
  const bool has_side = av_channel_layout_index_from_channel(&layout_.get(), AV_CHAN_SIDE_LEFT) >= 0;
  for (unsigned channel = 0; channel < channels; ++channel) {
    ebur128_set_channel(state_.get(), channel,
                        position_of(av_channel_layout_channel_from_index(&layout_.get(), channel), has_side));
  }
}

void Loudness::add(const FloatBlock& block) {
  follow_format(block);
  const std::size_t channels = block.channels.size();
  packed_.resize(block.samples * channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    for (std::size_t i = 0; i < block.samples; ++i) packed_[i * channels + channel] = block.channels[channel][i];
  }
  if (ebur128_add_frames_float(state_.get(), packed_.data(), block.samples) != EBUR128_SUCCESS) throw std::bad_alloc();
}

Loudness::Values Loudness::measure() const {
  Values values;
  if (state_ == nullptr) return values;
  double number = 0;
  if (ebur128_loudness_global(state_.get(), &number) == EBUR128_SUCCESS && std::isfinite(number)) {
    values.integrated = number;
  }
  if (ebur128_loudness_range(state_.get(), &number) == EBUR128_SUCCESS && std::isfinite(number)) values.range = number;
  const Peaks peaks = peaks_of(*state_);
  values.sample_peak = to_decibels(std::max(earlier_sample_peak_, peaks.sample));
  values.true_peak = to_decibels(std::max({earlier_true_peak_, peaks.true_peak, peaks.sample, earlier_sample_peak_}));
  return values;
}

}  // namespace decant::audio
