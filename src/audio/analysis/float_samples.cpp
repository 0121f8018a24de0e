#include "audio/analysis/float_samples.h"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace decant::audio {

namespace {

constexpr float beyond_sound = 1e6F;

template <class Sample>
float to_float(Sample sample) {
  if constexpr (std::is_floating_point_v<Sample>) {
    const auto number = static_cast<float>(sample);
    return std::abs(number) < beyond_sound ? number : 0;
  } else if constexpr (std::is_unsigned_v<Sample>) {
    constexpr int middle = 1 << (std::numeric_limits<Sample>::digits - 1);
    return static_cast<float>(sample - middle) * (1.0F / static_cast<float>(middle));
  } else {
    return static_cast<float>(sample) * (-1.0F / static_cast<float>(std::numeric_limits<Sample>::min()));
  }
}

/// One channel: its first sample, and how many samples (of all channels) lie from one to the next.
template <class Sample>
void copy(const std::uint8_t* first, std::size_t stride, std::span<float> out) {
  const auto* in = reinterpret_cast<const Sample*>(first);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = to_float(in[i * stride]);
}

using Copy = void (*)(const std::uint8_t* first, std::size_t stride, std::span<float> out);

Copy find_copy(AVSampleFormat packed_format) {
  switch (packed_format) {
    case AV_SAMPLE_FMT_U8: return copy<std::uint8_t>;
    case AV_SAMPLE_FMT_S16: return copy<std::int16_t>;
    case AV_SAMPLE_FMT_S32: return copy<std::int32_t>;
    case AV_SAMPLE_FMT_S64: return copy<std::int64_t>;
    case AV_SAMPLE_FMT_FLT: return copy<float>;
    case AV_SAMPLE_FMT_DBL: return copy<double>;
    default: throw std::invalid_argument("a frame without a sample format");
  }
}

}  // namespace

FloatBlock FloatSamples::read(const AVFrame& frame) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const auto channels = static_cast<std::size_t>(frame.ch_layout.nb_channels);
  const auto samples = static_cast<std::size_t>(frame.nb_samples);
  const bool is_planar = av_sample_fmt_is_planar(format) != 0;
  copies_.resize(channels);
  channels_.resize(channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    copies_[channel].resize(samples);
    const auto sample_size = static_cast<std::size_t>(av_get_bytes_per_sample(format));
    const std::uint8_t* first =
        is_planar ? frame.extended_data[channel] : frame.extended_data[0] + channel * sample_size;
    find_copy(av_get_packed_sample_fmt(format))(first, is_planar ? 1 : channels, copies_[channel]);
    channels_[channel] = copies_[channel].data();
  }
  return {frame.sample_rate, &frame.ch_layout, channels_, samples};
}

}  // namespace decant::audio
