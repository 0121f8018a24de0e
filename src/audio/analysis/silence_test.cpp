#include "audio/analysis/silence.h"

#include <gtest/gtest.h>

#include "audio/analysis/test_sound.h"

namespace decant::audio {
namespace {

using namespace std::chrono_literals;

SilenceMap map_of(const TestSound& sound, const SilenceMap::Options& options = {}) {
  SilenceMap map(options);
  sound.feed(map);
  map.finish();
  return map;
}

/// Never below the threshold for more than a sample: what is no silence.
TestSound& buzz(TestSound& sound, double seconds) { return sound.sine(sound.sample_rate / 4.0, seconds, {0.5}, 45); }

TEST(SilenceMap, FindsRangesExactToTheSample) {
  TestSound sound(2, 8000);
  sound.silence(0.75);
  buzz(sound, 1).silence(2);
  buzz(sound, 0.5).silence(0.4);
  buzz(sound, 0.5).silence(1);
  const SilenceMap map = map_of(sound);
  ASSERT_EQ(map.ranges().size(), 3U) << "what is shorter than half a second is none";
  EXPECT_EQ(map.ranges()[0].begin, 0us);
  EXPECT_EQ(map.ranges()[0].end, 750ms);
  EXPECT_EQ(map.ranges()[1].begin, 1750ms);
  EXPECT_EQ(map.ranges()[1].end, 3750ms);
  EXPECT_EQ(map.ranges()[2].begin, 5150ms);
  EXPECT_EQ(map.ranges()[2].end, 6150ms) << "up to the end";
  EXPECT_EQ(map.total(), 3750ms);
}

TEST(SilenceMap, NeedsEveryChannelToBeSilent) {
  TestSound sound(2, 8000);
  sound.sine(2000, 2, {0, 0.5}, 45);
  EXPECT_EQ(map_of(sound).count(), 0);
}

TEST(SilenceMap, TakesItsThreshold) {
  TestSound sound(1, 8000);
  sound.sine(2000, 2, {amplitude(-50)}, 45);
  EXPECT_EQ(map_of(sound).count(), 0);
  EXPECT_EQ(map_of(sound, {.threshold = -40}).count(), 1);
}

TEST(SilenceMap, ListsNoMoreThanItsLimit) {
  TestSound sound(1, 8000);
  for (int i = 0; i < 5; ++i) buzz(sound.silence(0.5), 0.1);
  const SilenceMap map = map_of(sound, {.most_ranges = 2});
  EXPECT_EQ(map.ranges().size(), 2U);
  EXPECT_EQ(map.count(), 5);
  EXPECT_EQ(map.total(), 2500ms);
}

TEST(SilenceMap, CountsTimeAcrossAChangeOfTheRate) {
  SilenceMap map({});
  TestSound(1, 8000).silence(1).feed(map);
  TestSound(2, 16000).silence(1).feed(map);
  map.finish();
  ASSERT_EQ(map.ranges().size(), 1U);
  EXPECT_EQ(map.ranges()[0].end, 2s);
}

}  // namespace
}  // namespace decant::audio
