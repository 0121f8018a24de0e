#include "audio/analysis/dynamic_range.h"

#include <gtest/gtest.h>

#include "audio/analysis/test_sound.h"

namespace decant::audio {
namespace {

std::optional<double> measure(const TestSound& sound) {
  DynamicRange range;
  sound.feed(range);
  return range.finish();
}

TEST(DynamicRange, IsZeroForASine) { EXPECT_NEAR(*measure(TestSound(2, 8000).sine(100, 15, {0.3})), 0, 0.01); }

TEST(DynamicRange, IsTheSecondHighestPeakOverTheLoudestFifth) {
  TestSound sound(1, 8000);
  sound.sine(100, 30, {0.25});
  sound.channels[0][4000] = 0.9F;
  sound.channels[0][100000] = 0.5F;
  EXPECT_NEAR(*measure(sound), 20 * std::log10(0.5 / 0.25), 0.05);
}

TEST(DynamicRange, LooksOnlyAtTheLoudestFifth) {
  TestSound sound(1, 8000);
  sound.sine(100, 24, {0.01}).sine(100, 6, {0.5});
  EXPECT_NEAR(*measure(sound), 0, 0.01);
}

TEST(DynamicRange, IsTheMeanOfTheChannels) {
  TestSound sound(2, 8000);
  sound.sine(100, 15, {0.5});
  // A square has the RMS of its peak: 3 dB above a sine's.
  for (float& sample : sound.channels[1]) sample = sample < 0 ? -0.5F : 0.5F;
  EXPECT_NEAR(*measure(sound), -3.01 / 2, 0.05);
}

TEST(DynamicRange, NeedsSixSecondsOfSound) {
  EXPECT_FALSE(measure(TestSound(1, 8000).sine(100, 5.9, {0.5})));
  EXPECT_TRUE(measure(TestSound(1, 8000).sine(100, 6.1, {0.5})));
  EXPECT_FALSE(measure(TestSound(2, 8000).silence(20)));
}

}  // namespace
}  // namespace decant::audio
