#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "audio/analysis/float_samples.h"

namespace decant::audio {

/// Peaks for drawing: the lowest and the highest sample of each pixel, all channels mixed to one, as BBC's
/// audiowaveform makes them.
class Waveform {
 public:
  struct Options {
    /// Either of them; by neither, default_samples_per_pixel. Pixels a second are rounded to whole samples a pixel.
    std::optional<int> samples_per_pixel;
    std::optional<int> pixels_per_second;
    int bits = 8;  ///< of a peak: 8 or 16
    /// Where a long file would make more, two pixels become one until it does not.
    std::size_t most_pixels = std::size_t{1} << 19;
  };
  static constexpr int default_samples_per_pixel = 256;

  explicit Waveform(const Options& options) : options_(options) {}

  void add(const FloatBlock& block);
  /// The last pixel, which may stand for fewer samples. Once, after the last block.
  void finish();

  [[nodiscard]] std::size_t pixels() const { return peaks_.size(); }
  [[nodiscard]] int samples_per_pixel() const { return samples_per_pixel_; }
  /// audiowaveform's binary data file, version 2: a header of 24 bytes and two numbers a pixel, little-endian
  /// (https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md).
  [[nodiscard]] std::vector<std::uint8_t> to_dat() const;

 private:
  struct Peak {
    std::int16_t low;
    std::int16_t high;
  };
  void start(int sample_rate);
  void close_pixel();
  void halve();

  Options options_;
  int sample_rate_ = 0;  // of the first block; pixels of a block of another rate last as long
  int samples_per_pixel_ = 0;
  std::vector<Peak> peaks_;
  std::vector<float> mixed_;
  float low_ = std::numeric_limits<float>::max();
  float high_ = std::numeric_limits<float>::lowest();
  std::size_t filled_ = 0;  // samples in the open pixel
};

}  // namespace decant::audio
