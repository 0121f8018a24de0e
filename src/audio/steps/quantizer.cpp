#include "audio/steps/quantizer.h"

#include <cmath>
#include <limits>

#include "audio/av/error.h"

namespace decant::audio {

namespace {

/// The noise of one place, from -1 to 1 with a triangular density: the difference of two uniform numbers, halves of
/// SplitMix64's output (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
double triangular_noise(std::uint64_t place) {
  std::uint64_t bits = (place + 1) * 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
  bits ^= bits >> 31;
  constexpr double uniform = 1.0 / 4294967296.0;
  return (static_cast<double>(bits >> 32) - static_cast<double>(bits & 0xFFFFFFFFU)) * uniform;
}

struct Scale {
  double steps;  // in half of full scale
  int shift;     // of the used bits to the top of the sample
};

bool needs_rounding(std::span<const float> samples, double steps) {
  return std::ranges::any_of(samples, [steps](float sample) {
    const double exact = sample * steps;
    return std::nearbyint(exact) != exact;
  });
}

/// Channel `channel` of `channels`; `stride` samples lie from one output sample to the next.
template <class Sample>
void quantize(std::span<const float> samples, Sample* out, std::size_t stride, Scale scale, auto noise_at) {
  // Unsigned samples are silent in the middle of their range.
  constexpr std::int64_t middle = std::is_unsigned_v<Sample> ? std::int64_t{1} << (8 * sizeof(Sample) - 1) : 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double value = std::clamp(samples[i] * scale.steps + noise_at(i), -scale.steps, scale.steps - 1);
    out[i * stride] = static_cast<Sample>((std::llrint(value) << scale.shift) + middle);
  }
}

template <class Sample>
void quantize_frame(const AVFrame& floats, AVFrame& out, int bits, Dither dither, std::int64_t position) {
  const auto channels = static_cast<std::size_t>(floats.ch_layout.nb_channels);
  const bool is_planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(out.format)) != 0;
  const Scale scale{std::ldexp(1.0, bits - 1), static_cast<int>(8 * sizeof(Sample)) - bits};
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::span samples(reinterpret_cast<const float*>(floats.extended_data[channel]),
                            static_cast<std::size_t>(floats.nb_samples));
    auto* to = is_planar ? reinterpret_cast<Sample*>(out.extended_data[channel])
                         : reinterpret_cast<Sample*>(out.extended_data[0]) + channel;
    const std::size_t stride = is_planar ? 1 : channels;
    if (dither == Dither::triangular && needs_rounding(samples, scale.steps)) {
      const auto first = static_cast<std::uint64_t>(position) * channels + channel;
      quantize(samples, to, stride, scale, [=](std::size_t i) { return triangular_noise(first + i * channels); });
    } else {
      quantize(samples, to, stride, scale, [](std::size_t) { return 0.0; });
    }
  }
}

}  // namespace

Quantizer::Quantizer(SampleFormat target, int bits, Dither dither)
    : target_(std::move(target)), bits_(bits), dither_(dither) {}

Result<AVFrame*> Quantizer::convert(const AVFrame& floats) {
  av_frame_unref(out_.get());
  out_->format = target_.format;
  out_->sample_rate = target_.sample_rate;
  out_->nb_samples = floats.nb_samples;
  av_channel_layout_copy(&out_->ch_layout, &target_.layout.get());
  if (const int error = av_frame_get_buffer(out_.get(), 0); error < 0)
    return av::av_failure(ErrorCode::too_large, {}, error);
  switch (av_get_packed_sample_fmt(target_.format)) {
    case AV_SAMPLE_FMT_U8: quantize_frame<std::uint8_t>(floats, *out_, bits_, dither_, position_); break;
    case AV_SAMPLE_FMT_S16: quantize_frame<std::int16_t>(floats, *out_, bits_, dither_, position_); break;
    case AV_SAMPLE_FMT_S32: quantize_frame<std::int32_t>(floats, *out_, bits_, dither_, position_); break;
    default: return failure(ErrorCode::internal, "the samples are no integers");
  }
  position_ += floats.nb_samples;
  return out_.get();
}

}  // namespace decant::audio
