#include "audio/analysis/loudness.h"

#include <gtest/gtest.h>

#include "audio/analysis/test_sound.h"

namespace decant::audio {
namespace {

Loudness::Values measure(const TestSound& sound) {
  Loudness loudness;
  sound.feed(loudness);
  return loudness.measure();
}

/// A stereo sine of 1 kHz in steps of {level in dBFS, seconds}, which is what most of EBU's test signals are. At a
/// third of their rate, which the measures do not depend on and the test's time does.
TestSound steps(const std::vector<std::pair<double, double>>& levels) {
  TestSound sound(2, 16000);
  for (const auto& [level, seconds] : levels) sound.sine(1000, seconds, {amplitude(level)});
  return sound;
}

// EBU Tech 3341, table 1: each within 0.1 LU.
TEST(Loudness, IntegratesAsTech3341Asks) {
  EXPECT_NEAR(*measure(steps({{-23, 20}})).integrated, -23, 0.1) << "case 1";
  EXPECT_NEAR(*measure(steps({{-33, 20}})).integrated, -33, 0.1) << "case 2";
  EXPECT_NEAR(*measure(steps({{-36, 10}, {-23, 60}, {-36, 10}})).integrated, -23, 0.1) << "case 3: relative gate";
  EXPECT_NEAR(*measure(steps({{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}})).integrated, -23, 0.1)
      << "case 4: both gates";
  EXPECT_NEAR(*measure(steps({{-26, 20}, {-20, 20.1}, {-26, 20}})).integrated, -23, 0.1) << "case 5";
}

TEST(Loudness, WeighsSurroundChannelsAsTech3341Asks) {
  TestSound surround(5, 16000);  // L R C Ls Rs
  surround.sine(1000, 20, {amplitude(-28), amplitude(-28), amplitude(-24), amplitude(-30), amplitude(-30)});
  EXPECT_NEAR(*measure(surround).integrated, -23, 0.1) << "case 6";
}

TEST(Loudness, LeavesOutTheBassChannel) {
  TestSound quiet(6);  // L R C LFE Ls Rs
  quiet.sine(1000, 5, {0, 0, amplitude(-23), 0, 0, 0});
  TestSound rumbling(6);
  rumbling.sine(1000, 5, {0, 0, amplitude(-23), 0.9, 0, 0});
  EXPECT_DOUBLE_EQ(*measure(quiet).integrated, *measure(rumbling).integrated);
}

// EBU Tech 3342, table 1: each within 1 LU.
TEST(Loudness, RangesAsTech3342Asks) {
  EXPECT_NEAR(measure(steps({{-20, 20}, {-30, 20}})).range, 10, 1) << "case 1";
  EXPECT_NEAR(measure(steps({{-20, 20}, {-15, 20}})).range, 5, 1) << "case 2";
  EXPECT_NEAR(measure(steps({{-40, 20}, {-20, 20}})).range, 20, 1) << "case 3";
  EXPECT_NEAR(measure(steps({{-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20}})).range, 15, 1) << "case 4";
}

struct TruePeakCase {
  int number;
  double rate_divisor;
  double level;
  double phase;
  double decibels;
};

// EBU Tech 3341, table 1, cases 15 to 19: sines whose samples miss their peaks; within +0.2 and -0.4 dB.
TEST(Loudness, FindsTruePeaksAsTech3341Asks) {
  for (const TruePeakCase& test :
       {TruePeakCase{15, 4, 0.5, 0, -6}, TruePeakCase{16, 4, 0.5, 45, -6}, TruePeakCase{17, 6, 0.5, 60, -6},
        TruePeakCase{18, 8, 0.5, 67.5, -6}, TruePeakCase{19, 4, 1.41, 45, 3}}) {
    // A fade of 10 ms keeps the filter from ringing at the edges, as the EBU's files have it.
    TestSound sound(2);
    sound.sine(48000 / test.rate_divisor, 0.5, {test.level}, test.phase);
    for (auto& channel : sound.channels) {
      for (std::size_t i = 0; i < 480; ++i) {
        const float gain = static_cast<float>(i) / 480;
        channel[i] *= gain;
        channel[channel.size() - 1 - i] *= gain;
      }
    }
    const double true_peak = *measure(sound).true_peak;
    EXPECT_LE(true_peak, test.decibels + 0.2) << "case " << test.number;
    EXPECT_GE(true_peak, test.decibels - 0.4) << "case " << test.number;
  }
}

TEST(Loudness, TellsSamplePeaksApart) {
  TestSound sound(2);
  sound.sine(12000, 1, {0.5}, 45);
  const auto values = measure(sound);
  EXPECT_NEAR(*values.sample_peak, -9.03, 0.01) << "every sample misses the crest";
}

TEST(Loudness, HasNoNumberForSilence) {
  const auto values = measure(TestSound(1).silence(2));
  EXPECT_FALSE(values.integrated);
  EXPECT_FALSE(values.true_peak);
  EXPECT_FALSE(values.sample_peak);
  EXPECT_EQ(values.range, 0);
  EXPECT_FALSE(Loudness().measure().integrated) << "nothing was added";
}

TEST(Loudness, CountsPartsOfAnotherFormat) {
  Loudness loudness;
  TestSound(2).sine(1000, 4, {0.9}).feed(loudness);
  TestSound(1, 44100).sine(1000, 4, {0.1}).feed(loudness);
  const auto values = loudness.measure();
  EXPECT_NEAR(*values.sample_peak, 20 * std::log10(0.9), 0.01);
  EXPECT_GT(*values.integrated, -6) << "the quiet half falls below the relative gate";
}

}  // namespace
}  // namespace decant::audio
