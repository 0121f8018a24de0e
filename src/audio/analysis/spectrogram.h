#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "audio/analysis/float_samples.h"
#include "audio/analysis/real_transform.h"

namespace decant::audio {

/// A picture of the sound: time to the right, frequency upwards (linear, from 0 to half the sample rate), the power of
/// each place in decibels. A short-time Fourier transform with Hann windows that overlap by half; each row shows the
/// strongest of its bins, the mean of the channels. The picture's size does not depend on how much audio there is, nor
/// does the memory taken.
class Spectrogram {
 public:
  struct Options {
    int width = 1200;  ///< pixels
    int height = 512;
  };
  /// What the darkest and the brightest pixels stand for; a sine of full scale is at 0 dB.
  static constexpr float floor_decibels = -120;
  static constexpr float ceiling_decibels = 0;

  explicit Spectrogram(const Options& options);

  void add(const FloatBlock& block);
  /// Rows from the top, one byte a pixel, from 0 (floor) to 255 (ceiling). Once, after the last block.
  [[nodiscard]] std::vector<std::uint8_t> finish();

  [[nodiscard]] int width() const { return static_cast<int>(width_); }
  [[nodiscard]] int height() const { return static_cast<int>(rows_); }
  /// At the upper edge, Hz: half the rate of the first block. What another rate has above is left out.
  [[nodiscard]] double highest_frequency() const { return highest_frequency_; }

 private:
  void follow_format(const FloatBlock& block);
  void transform_window();
  void add_powers(const std::vector<float>& samples);
  void close_column();
  void halve_columns();
  [[nodiscard]] float mean_power(std::size_t first_column, std::size_t last_column, std::size_t row) const;

  std::size_t width_;
  std::size_t rows_;
  std::size_t window_size_;
  RealTransform transform_;
  std::vector<float> window_;

  int sample_rate_ = 0;
  double highest_frequency_ = 0;
  std::vector<std::size_t> row_of_bin_;      // rows_ or more: above the picture
  std::vector<std::vector<float>> pending_;  // of each channel: one window, of which filled_ samples are there
  std::size_t filled_ = 0;

  std::vector<float> row_powers_;  // of one window
  std::vector<float> powers_;      // of complete columns, each from its lowest row; up to twice as many as the width
  std::vector<float> column_;      // that is open
  int windows_a_column_ = 1;
  int windows_ = 0;  // in the open column
};

}  // namespace decant::audio
