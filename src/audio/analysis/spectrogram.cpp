#include "audio/analysis/spectrogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace decant::audio {

namespace {

constexpr std::size_t smallest_window = 2048;

std::uint8_t to_pixel(float power) {
  constexpr float span = Spectrogram::ceiling_decibels - Spectrogram::floor_decibels;
  const float decibels = power > 0 ? 10 * std::log10(power) : Spectrogram::floor_decibels;
  const float part = (decibels - Spectrogram::floor_decibels) / span;
  return static_cast<std::uint8_t>(std::lround(std::clamp(part, 0.0F, 1.0F) * 255));
}

}  // namespace

Spectrogram::Spectrogram(const Options& options)
    : width_(static_cast<std::size_t>(options.width)),
      rows_(static_cast<std::size_t>(options.height)),
      window_size_(std::max(smallest_window, std::bit_ceil(2 * rows_))),
      transform_(window_size_),
      window_(window_size_),
      row_powers_(rows_),
      column_(rows_) {
  // A sine of full scale in the middle of a bin has the power 1: a Hann window lets half of its amplitude through.
  const double scale = 4.0 / static_cast<double>(window_size_);
  for (std::size_t i = 0; i < window_size_; ++i) {
    const double phase = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(window_size_);
    window_[i] = static_cast<float>(scale * (0.5 - 0.5 * std::cos(phase)));
  }
}

void Spectrogram::follow_format(const FloatBlock& block) {
  if (highest_frequency_ == 0) highest_frequency_ = block.sample_rate / 2.0;
  if (block.channels.size() != pending_.size()) {
    pending_.assign(block.channels.size(), std::vector<float>(window_size_));
    filled_ = 0;
  }
  if (block.sample_rate == sample_rate_) return;
  sample_rate_ = block.sample_rate;
  row_of_bin_.resize(window_size_ / 2);
  for (std::size_t bin = 0; bin < row_of_bin_.size(); ++bin) {
    const double frequency = static_cast<double>(bin) * sample_rate_ / static_cast<double>(window_size_);
    row_of_bin_[bin] = static_cast<std::size_t>(frequency / highest_frequency_ * static_cast<double>(rows_));
  }
}

void Spectrogram::add(const FloatBlock& block) {
  follow_format(block);
  for (std::size_t at = 0; at < block.samples;) {
    const std::size_t count = std::min(block.samples - at, window_size_ - filled_);
    for (std::size_t channel = 0; channel < pending_.size(); ++channel) {
      std::copy_n(block.channels[channel] + at, count, pending_[channel].data() + filled_);
    }
    at += count;
    filled_ += count;
    if (filled_ == window_size_) transform_window();
  }
}

void Spectrogram::transform_window() {
  const auto half = static_cast<std::ptrdiff_t>(window_size_ / 2);
  for (std::vector<float>& samples : pending_) {
    add_powers(samples);
    std::copy(samples.begin() + half, samples.end(), samples.begin());
  }
  filled_ = window_size_ / 2;
  if (++windows_ == windows_a_column_) close_column();
}

void Spectrogram::add_powers(const std::vector<float>& samples) {
  const std::span<float> input = transform_.input();
  for (std::size_t i = 0; i < window_size_; ++i) input[i] = samples[i] * window_[i];
  const std::span<const std::complex<float>> bins = transform_.run();
  std::ranges::fill(row_powers_, 0.0F);
  for (std::size_t bin = 0; bin < row_of_bin_.size(); ++bin) {
    const std::size_t row = row_of_bin_[bin];
    if (row < rows_) row_powers_[row] = std::max(row_powers_[row], std::norm(bins[bin]));
  }
  const float part = 1.0F / static_cast<float>(pending_.size());
  for (std::size_t row = 0; row < rows_; ++row) column_[row] += row_powers_[row] * part;
}

void Spectrogram::close_column() {
  const float part = 1.0F / static_cast<float>(windows_);
  for (float& power : column_) power *= part;
  powers_.insert(powers_.end(), column_.begin(), column_.end());
  std::ranges::fill(column_, 0.0F);
  windows_ = 0;
  if (powers_.size() == 2 * width_ * rows_) halve_columns();
}

void Spectrogram::halve_columns() {
  for (std::size_t column = 0; column < width_; ++column) {
    for (std::size_t row = 0; row < rows_; ++row) {
      powers_[column * rows_ + row] = mean_power(2 * column, 2 * column + 2, row);
    }
  }
  powers_.resize(width_ * rows_);
  windows_a_column_ *= 2;
}

float Spectrogram::mean_power(std::size_t first_column, std::size_t last_column, std::size_t row) const {
  float sum = 0;
  for (std::size_t column = first_column; column < last_column; ++column) sum += powers_[column * rows_ + row];
  return sum / static_cast<float>(last_column - first_column);
}

std::vector<std::uint8_t> Spectrogram::finish() {
  const bool is_short = powers_.empty() && windows_ == 0;
  if (filled_ > window_size_ / 2 || (is_short && filled_ > 0)) {
    for (std::vector<float>& samples : pending_) {
      std::fill(samples.begin() + static_cast<std::ptrdiff_t>(filled_), samples.end(), 0.0F);
    }
    transform_window();
  }
  if (windows_ > 0) close_column();

  std::vector<std::uint8_t> pixels(width_ * rows_);
  const std::size_t columns = powers_.size() / rows_;
  for (std::size_t x = 0; x < width_ && columns > 0; ++x) {
    const std::size_t first = x * columns / width_;
    const std::size_t last = std::max((x + 1) * columns / width_, first + 1);
    for (std::size_t row = 0; row < rows_; ++row) {
      pixels[(rows_ - 1 - row) * width_ + x] = to_pixel(mean_power(first, last, row));
    }
  }
  return pixels;
}

}  // namespace decant::audio
