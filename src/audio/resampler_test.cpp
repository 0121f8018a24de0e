#include "audio/resampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "audio/test_frame.h"

namespace decant::audio {
namespace {

struct Rates {
  int from;
  int to;
};

std::vector<float> make_sine(double frequency, int sample_rate, std::size_t samples) {
  std::vector<float> sine(samples);
  const double step = 2 * std::numbers::pi * frequency / sample_rate;
  for (std::size_t i = 0; i < samples; ++i) sine[i] = static_cast<float>(0.5 * std::sin(step * static_cast<double>(i)));
  return sine;
}

std::vector<float> resample(std::span<const float> samples, Rates rates, std::size_t block) {
  Resampler resampler({AV_SAMPLE_FMT_FLTP, rates.to, av::ChannelLayout::of(1)});
  std::vector<float> out;
  const auto take = [&out](const Result<AVFrame*>& frame) {
    ASSERT_TRUE(frame);
    if (*frame != nullptr) out.insert(out.end(), channel_of(**frame).begin(), channel_of(**frame).end());
  };
  for (std::size_t done = 0; done < samples.size(); done += block) {
    const av::Frame frame = make_test_frame(samples.subspan(done, std::min(block, samples.size() - done)), rates.from);
    take(resampler.convert(*frame));
  }
  take(resampler.flush());
  return out;
}

/// What remains of the middle of `samples` without the sine of that frequency that fits it best, in dB to a sine of
/// amplitude 0.5.
double residue_db(std::span<const float> samples, double frequency, int sample_rate) {
  const std::span<const float> middle = samples.subspan(samples.size() / 4, samples.size() / 2);
  const double step = 2 * std::numbers::pi * frequency / sample_rate;
  double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0;
  for (std::size_t i = 0; i < middle.size(); ++i) {
    const double s = std::sin(step * static_cast<double>(i));
    const double c = std::cos(step * static_cast<double>(i));
    ss += s * s, cc += c * c, sc += s * c, xs += middle[i] * s, xc += middle[i] * c;
  }
  const double determinant = ss * cc - sc * sc;
  const double a = (xs * cc - xc * sc) / determinant;
  const double b = (xc * ss - xs * sc) / determinant;
  double energy = 0;
  for (std::size_t i = 0; i < middle.size(); ++i) {
    const double sine = a * std::sin(step * static_cast<double>(i)) + b * std::cos(step * static_cast<double>(i));
    energy += (middle[i] - sine) * (middle[i] - sine);
  }
  return 10 * std::log10(energy / static_cast<double>(middle.size()) / 0.125);
}

double level_db(std::span<const float> samples) {
  const std::span<const float> middle = samples.subspan(samples.size() / 4, samples.size() / 2);
  double energy = 0;
  for (const float sample : middle) energy += static_cast<double>(sample) * sample;
  return 10 * std::log10(energy / static_cast<double>(middle.size()) / 0.125);
}

TEST(Resampler, KeepsSinesPure) {
  for (const auto& [from, to] : {Rates{44100, 48000}, {48000, 44100}, {96000, 44100}, {44100, 96000}, {48000, 16000}}) {
    for (const double frequency : {997.0, 6000.0, 15000.0, 20000.0}) {
      if (frequency > 0.45 * std::min(from, to)) continue;
      const std::vector<float> out =
          resample(make_sine(frequency, from, static_cast<std::size_t>(from)), {from, to}, 4096);
      EXPECT_LT(residue_db(out, frequency, to), -120) << from << " → " << to << " Hz at " << frequency;
      EXPECT_NEAR(level_db(out), 0, 0.05) << from << " → " << to << " Hz at " << frequency;
    }
  }
}

TEST(Resampler, LetsNothingAliasFromAboveTheBand) {
  for (const auto& [from, to] : {Rates{48000, 44100}, {96000, 44100}, {192000, 48000}, {48000, 8000}}) {
    for (const double frequency : {0.52 * to, 0.55 * to, 0.7 * to, 0.95 * to}) {
      if (frequency >= 0.49 * from) continue;
      const std::vector<float> out =
          resample(make_sine(frequency, from, static_cast<std::size_t>(from)), {from, to}, 4096);
      EXPECT_LT(level_db(out), -120) << from << " → " << to << " Hz at " << frequency;
    }
  }
}

TEST(Resampler, GivesExactlyTheShareOfSamples) {
  for (const auto& [from, to] : {Rates{44100, 48000}, {48000, 44100}, {8000, 48000}, {96000, 44100}, {22050, 44100}}) {
    for (const std::size_t samples : {1U, 100U, 1152U, 44100U, 44101U, 54321U}) {
      const auto out = resample(make_sine(500, from, samples), {from, to}, 1000);
      EXPECT_EQ(static_cast<std::int64_t>(out.size()), av_rescale(static_cast<std::int64_t>(samples), to, from))
          << samples << " samples " << from << " → " << to;
    }
  }
}

TEST(Resampler, DoesNotDependOnHowTheSoundIsCut) {
  const std::vector<float> sine = make_sine(3000, 44100, 60000);
  const std::vector<float> expected = resample(sine, {44100, 48000}, 60000);
  for (const std::size_t block : {64U, 1152U, 4096U, 4097U})
    EXPECT_EQ(resample(sine, {44100, 48000}, block), expected) << block;
}

TEST(Resampler, PassesFittingFramesUntouched) {
  Resampler resampler({AV_SAMPLE_FMT_FLTP, 44100, av::ChannelLayout::of(2)});
  const av::Frame frame = make_test_frame(std::vector<float>{0.25F, -1.5F}, 44100, 2);
  EXPECT_EQ(resampler.convert(*frame).value(), frame.get());
  EXPECT_EQ(resampler.flush().value(), nullptr);
}

TEST(Resampler, AveragesStereoAndKeepsTheLevelOfMono) {
  Resampler to_mono({AV_SAMPLE_FMT_FLTP, 44100, av::ChannelLayout::of(1)});
  const av::Frame stereo = make_test_frame(std::vector<float>{0.5F, 0.5F, 1.0F}, 44100, 2);
  auto* right = reinterpret_cast<float*>(stereo->extended_data[1]);
  right[0] = 0.25F, right[1] = -0.5F, right[2] = 1.0F;
  EXPECT_THAT(channel_of(*to_mono.convert(*stereo).value()), testing::ElementsAre(0.375F, 0, 1));

  Resampler to_stereo({AV_SAMPLE_FMT_FLTP, 44100, av::ChannelLayout::of(2)});
  const av::Frame mono = make_test_frame(std::vector<float>{0.5F, -1.0F}, 44100);
  const AVFrame* both = to_stereo.convert(*mono).value();
  EXPECT_THAT(channel_of(*both, 0), testing::ElementsAre(0.5F, -1));
  EXPECT_THAT(channel_of(*both, 1), testing::ElementsAre(0.5F, -1));
}

}  // namespace
}  // namespace decant::audio
