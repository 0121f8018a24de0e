#include "audio/parallel/chunks.h"

namespace decant::audio {
namespace {

constexpr int rate = 44100;
constexpr int frame = 1152;
constexpr Seam seam{.warm_up = 49, .alignment = 49, .shortest_chunk = 12};

SampleFormat stereo(AVSampleFormat format = AV_SAMPLE_FMT_S16P) { return {format, rate, av::ChannelLayout::of(2)}; }
SpareCores spare(int cores) {
  return {.most = cores, .try_take = [] { return false; }, .give_back = [] {}};
}
ChunkPlan plan(std::optional<std::int64_t> seconds, int cores, const SampleFormat& format = stereo()) {
  return plan_chunks(seam, frame, format, seconds ? std::optional(*seconds * rate) : std::nullopt, spare(cores - 1));
}

TEST(PlanChunks, LeavesShortSoundsAndSingleCoresToOneThread) {
  EXPECT_EQ(plan(20, 2).threads, 1);
  EXPECT_EQ(plan(600, 1).threads, 1);
  EXPECT_EQ(plan(30, 2).threads, 2);
}

TEST(PlanChunks, StartsEncodersAtMultiplesOfTheAlignment) {
  EXPECT_EQ(plan(600, 2).unit, 49 * frame);
  EXPECT_EQ(plan(600, 2).longest % (49 * frame), 0);
}

TEST(PlanChunks, SharesWhatIsLeftAmongThreads) {
  const ChunkPlan chunks = plan(600, 2);
  const auto seconds = [&](int left) { return static_cast<double>(chunks.distance(left * rate).value_or(0)) / rate; };
  EXPECT_NEAR(seconds(5000), 150, 2);
  // The later of two also has to warm up.
  EXPECT_NEAR(seconds(180), 90 + (49.0 * frame / rate / 2), 0.1);
  EXPECT_NEAR(seconds(20), seam.shortest_chunk, 2);
  EXPECT_EQ(chunks.distance(std::nullopt), chunks.longest);
}

TEST(PlanChunks, LeavesALittleAtTheEndToWhoIsThere) {
  EXPECT_FALSE(plan(600, 2).distance(15 * rate));
  EXPECT_FALSE(plan(600, 2).distance(-1));
}

TEST(PlanChunks, SharesAreFourTimesTheWarmUpAtTheLeast) {
  constexpr Seam slow{.warm_up = 380, .silence = 5};
  const ChunkPlan chunks = plan_chunks(slow, 1024, stereo(), 600 * rate, spare(1));
  EXPECT_EQ(chunks.shortest, 4 * 385 * 1024);
  EXPECT_EQ(plan_chunks(slow, 1024, stereo(), 70 * rate, spare(1)).threads, 1);
  EXPECT_EQ(plan_chunks(slow, 1024, stereo(), 72 * rate, spare(1)).threads, 2);
}

TEST(PlanChunks, KeepsWithinTheMemoryWhateverTheLength) {
  for (const int cores : {2, 8, 64}) {
    const ChunkPlan chunks = plan(10 * 3600, cores, stereo(AV_SAMPLE_FMT_FLTP));
    EXPECT_GE(chunks.threads, 2);
    EXPECT_GT(chunks.reach, chunks.longest * chunks.threads) << cores;
    EXPECT_LE(chunks.reach * 8, parallel_memory) << cores;
  }
}

TEST(PlanChunks, DoesNotSplitWhatWouldNotFit) {
  const SampleFormat huge{AV_SAMPLE_FMT_S32, 192000, av::ChannelLayout::of(8)};
  EXPECT_EQ(plan(3600, 2, huge).threads, 1);
}

TEST(PlanChunks, LeavesMoreChannelsThanTheSeamKnowsToOneThread) {
  constexpr Seam narrow{.shortest_chunk = 5, .most_channels = 2};
  const SampleFormat surround{AV_SAMPLE_FMT_FLTP, rate, av::ChannelLayout::of(6)};
  EXPECT_EQ(plan_chunks(narrow, 1024, surround, 600 * rate, spare(1)).threads, 1);
  EXPECT_EQ(plan_chunks(narrow, 1024, stereo(), 600 * rate, spare(1)).threads, 2);
}

}  // namespace
}  // namespace decant::audio
