#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "audio/steps/fade.h"
#include "audio/steps/gain.h"
#include "audio/steps/overs.h"
#include "audio/steps/quantizer.h"
#include "audio/test_frame.h"

namespace decant::audio {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

constexpr int rate = 48000;

SampleFormat integers(AVSampleFormat format, int channels = 1) {
  return {format, rate, av::ChannelLayout::of(channels)};
}

std::vector<std::int16_t> to_16_bits(std::span<const float> samples, Dither dither, std::size_t block = 1024) {
  Quantizer quantizer(integers(AV_SAMPLE_FMT_S16P), 16, dither);
  std::vector<std::int16_t> out;
  for (std::size_t done = 0; done < samples.size(); done += block) {
    const av::Frame frame = make_test_frame(samples.subspan(done, std::min(block, samples.size() - done)), rate);
    const auto part = channel_of<std::int16_t>(*quantizer.convert(*frame).value());
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

TEST(Gain, MultipliesEveryChannel) {
  const av::Frame frame = make_test_frame(std::vector<float>{0.5F, -0.25F}, rate, 2);
  Gain(20 * std::log10(2.0)).apply(*frame);
  for (const int channel : {0, 1}) EXPECT_THAT(channel_of(*frame, channel), ElementsAre(1.0F, -0.5F));
}

TEST(Overs, CountsWhatIsBeyondFullScale) {
  Overs overs;
  const av::Frame frame = make_test_frame(std::vector<float>{1.0F, -1.0F, 1.01F, -2.0F}, rate, 2);
  overs.apply(*frame);
  EXPECT_EQ(overs.count(), 4);
}

TEST(Fade, FollowsAQuarterSineAtBothEndsHoweverTheSoundIsCut) {
  Fade fade(4, 2, 8);
  std::vector<float> out;
  for (const std::size_t part : {3U, 5U}) {
    const av::Frame frame = make_test_frame(std::vector<float>(part, 1.0F), rate);
    fade.apply(*frame);
    out.insert(out.end(), channel_of(*frame).begin(), channel_of(*frame).end());
  }
  EXPECT_THAT(out,
              ElementsAre(FloatNear(0.1951F, 1e-4F), FloatNear(0.5556F, 1e-4F), FloatNear(0.8315F, 1e-4F),
                          FloatNear(0.9808F, 1e-4F), 1.0F, 1.0F, FloatNear(0.9239F, 1e-4F), FloatNear(0.3827F, 1e-4F)));
}

TEST(Quantizer, RoundsToNearestAndStopsAtFullScale) {
  const std::vector<float> samples = {0.0F, 0.5F, -1.0F, 1.0F, 2.0F, 10.4F / 32768, 10.6F / 32768};
  EXPECT_THAT(to_16_bits(samples, Dither::none), ElementsAre(0, 16384, -32768, 32767, 32767, 10, 11));
}

TEST(Quantizer, FillsTheUpperBitsOfLargerAndUnsignedSamples) {
  const av::Frame frame = make_test_frame(std::vector<float>{0.25F, -1.0F, 3.4F / 8388608}, rate, 2);
  Quantizer to_24(integers(AV_SAMPLE_FMT_S32, 2), 24, Dither::none);
  const AVFrame* packed = to_24.convert(*frame).value();
  const auto* values = reinterpret_cast<const std::int32_t*>(packed->data[0]);
  EXPECT_THAT(std::vector(values, values + 6), ElementsAre(1 << 29, 1 << 29, INT32_MIN, INT32_MIN, 3 << 8, 3 << 8));
  Quantizer to_8(integers(AV_SAMPLE_FMT_U8, 2), 8, Dither::none);
  const AVFrame* bytes = to_8.convert(*frame).value();
  EXPECT_THAT(std::vector(bytes->data[0], bytes->data[0] + 6), ElementsAre(160, 160, 0, 0, 128, 128));
}

TEST(Quantizer, LeavesWhatNeedsNoRounding) {
  std::vector<float> samples(5000);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>(i % 300) / 32768;
  EXPECT_EQ(to_16_bits(samples, Dither::triangular), to_16_bits(samples, Dither::none));
}

TEST(Quantizer, DitherIsTheSameHoweverTheSoundIsCut) {
  std::vector<float> samples(9000);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = 0.3F * std::sin(0.01F * static_cast<float>(i + 1));
  EXPECT_EQ(to_16_bits(samples, Dither::triangular, 4096), to_16_bits(samples, Dither::triangular, 1000));
}

TEST(Quantizer, DitherKeepsASineBelowTheLastBit) {
  // -100 dBFS is a third of a 16-bit step: rounding alone leaves nothing of it.
  constexpr std::size_t length = 96000;
  constexpr double amplitude = 1e-5;
  const double step = 2 * std::numbers::pi * 1000 / rate;
  std::vector<float> samples(length);
  for (std::size_t i = 0; i < length; ++i) {
    samples[i] = static_cast<float>(amplitude * std::sin(step * static_cast<double>(i)));
  }
  EXPECT_THAT(to_16_bits(samples, Dither::none), testing::Each(0));
  const std::vector<std::int16_t> dithered = to_16_bits(samples, Dither::triangular);
  double line = 0;
  double energy = 0;
  double mean = 0;
  for (std::size_t i = 0; i < length; ++i) {
    const double value = dithered[i];
    line += value * std::sin(step * static_cast<double>(i)) * 2 / length;
    energy += value * value / length;
    mean += value / length;
  }
  EXPECT_NEAR(line, amplitude * 32768, 0.02);
  // TPDF noise and rounding together have a variance of a quarter of a step squared.
  EXPECT_NEAR(energy, 0.25 + line * line / 2, 0.01);
  EXPECT_NEAR(mean, 0, 0.01);
}

}  // namespace
}  // namespace decant::audio
