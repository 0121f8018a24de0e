#include "audio/analysis/waveform.h"

#include <algorithm>
#include <cmath>

namespace decant::audio {

namespace {

constexpr std::uint32_t has_8_bits = 1;

std::int16_t to_16_bits(float sample) {
  return static_cast<std::int16_t>(std::lround(std::clamp(sample * 32768.0F, -32768.0F, 32767.0F)));
}

template <class Number>
void put(std::vector<std::uint8_t>& out, Number number) {
  for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
    out.push_back(static_cast<std::uint8_t>(static_cast<std::make_unsigned_t<Number>>(number) >> (8 * byte)));
  }
}

}  // namespace

void Waveform::start(int sample_rate) {
  sample_rate_ = sample_rate;
  samples_per_pixel_ = options_.pixels_per_second ? std::max(1, sample_rate / *options_.pixels_per_second)
                                                  : options_.samples_per_pixel.value_or(default_samples_per_pixel);
}

void Waveform::add(const FloatBlock& block) {
  if (sample_rate_ == 0) start(block.sample_rate);
  const float* mixed = block.channels.front();
  if (block.channels.size() > 1) {
    mixed_.assign(mixed, mixed + block.samples);
    for (const float* channel : block.channels.subspan(1)) {
      for (std::size_t i = 0; i < block.samples; ++i) mixed_[i] += channel[i];
    }
    const float part = 1.0F / static_cast<float>(block.channels.size());
    for (float& sample : mixed_) sample *= part;
    mixed = mixed_.data();
  }
  for (std::size_t at = 0; at < block.samples;) {
    const auto whole = static_cast<std::size_t>(
        std::max<std::int64_t>(1, av_rescale(samples_per_pixel_, block.sample_rate, sample_rate_)));
    const std::size_t count = std::min(block.samples - at, whole - std::min(whole, filled_));
    for (std::size_t i = at; i < at + count; ++i) {
      low_ = std::min(low_, mixed[i]);
      high_ = std::max(high_, mixed[i]);
    }
    at += count;
    filled_ += count;
    if (filled_ >= whole) close_pixel();
  }
}

void Waveform::close_pixel() {
  peaks_.push_back({to_16_bits(low_), to_16_bits(high_)});
  filled_ = 0;
  low_ = std::numeric_limits<float>::max();
  high_ = std::numeric_limits<float>::lowest();
  if (peaks_.size() >= options_.most_pixels) halve();
}

void Waveform::halve() {
  for (std::size_t i = 0; i + 1 < peaks_.size(); i += 2) {
    peaks_[i / 2] = {std::min(peaks_[i].low, peaks_[i + 1].low), std::max(peaks_[i].high, peaks_[i + 1].high)};
  }
  peaks_.resize(peaks_.size() / 2);
  samples_per_pixel_ *= 2;
}

void Waveform::finish() {
  if (filled_ > 0) close_pixel();
}

std::vector<std::uint8_t> Waveform::to_dat() const {
  std::vector<std::uint8_t> out;
  put<std::int32_t>(out, 2);
  put<std::uint32_t>(out, options_.bits == 8 ? has_8_bits : 0);
  put<std::int32_t>(out, sample_rate_);
  put<std::int32_t>(out, samples_per_pixel_);
  put<std::uint32_t>(out, static_cast<std::uint32_t>(peaks_.size()));
  put<std::int32_t>(out, 1);
  for (const Peak& peak : peaks_) {
    for (const std::int16_t number : {peak.low, peak.high}) {
      if (options_.bits == 8) {
        put<std::int8_t>(out, static_cast<std::int8_t>(number / 256));
      } else {
        put<std::int16_t>(out, number);
      }
    }
  }
  return out;
}

}  // namespace decant::audio
