#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "audio/analysis/float_samples.h"

namespace decant::audio {

/// Channels of samples, made in the test.
struct TestSound {
  int sample_rate = 48000;
  std::vector<std::vector<float>> channels;

  explicit TestSound(int channel_count, int rate = 48000)
      : sample_rate(rate), channels(static_cast<std::size_t>(channel_count)) {}

  [[nodiscard]] std::size_t samples() const { return channels.front().size(); }

  /// Appends a sine to every channel; `levels` are its amplitudes by channel, or one for all.
  TestSound& sine(double frequency, double seconds, const std::vector<double>& levels, double phase_degrees = 0) {
    const auto count = static_cast<std::size_t>(std::llround(seconds * sample_rate));
    for (std::size_t channel = 0; channel < channels.size(); ++channel) {
      const double level = levels.size() == 1 ? levels.front() : levels.at(channel);
      for (std::size_t i = 0; i < count; ++i) {
        const double turns = frequency * static_cast<double>(i) / sample_rate + phase_degrees / 360;
        channels[channel].push_back(static_cast<float>(level * std::sin(2 * std::numbers::pi * turns)));
      }
    }
    return *this;
  }
  TestSound& silence(double seconds) { return sine(0, seconds, {0}); }

  /// Hands all of it to an analyzer, in blocks as uneven as decoders' can be.
  template <class Analyzer>
  void feed(Analyzer& analyzer) const {
    const av::ChannelLayout layout = av::ChannelLayout::of(static_cast<int>(channels.size()));
    constexpr std::size_t largest = 4099;
    for (std::size_t at = 0; at < samples(); at += largest) {
      std::vector<const float*> pointers;
      for (const auto& channel : channels) pointers.push_back(channel.data() + at);
      analyzer.add(FloatBlock{sample_rate, &layout.get(), pointers, std::min(largest, samples() - at)});
    }
  }
};

/// The amplitude of a level in dBFS.
inline double amplitude(double decibels) { return std::pow(10.0, decibels / 20); }

}  // namespace decant::audio
