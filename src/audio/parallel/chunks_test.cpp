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
  EXPECT_LE(plan(30, 2).next_chunk(30 * rate), 15 * rate);
}

TEST(PlanChunks, StartsEncodersAtMultiplesOfTheAlignment) {
  for (const int seconds : {30, 180, 600, 36000}) {
    for (const int left : {10, 77, 5000}) EXPECT_EQ(plan(seconds, 2).next_chunk(left * rate) % (49 * frame), 0);
  }
  EXPECT_EQ(plan(std::nullopt, 2).next_chunk(std::nullopt) % (49 * frame), 0);
}

TEST(PlanChunks, GetShorterTowardsTheEnd) {
  const ChunkPlan chunks = plan(600, 2);
  EXPECT_NEAR(static_cast<double>(chunks.next_chunk(600 * rate)) / rate, 75, 2);
  EXPECT_NEAR(static_cast<double>(chunks.next_chunk(180 * rate)) / rate, 45, 2);
  EXPECT_NEAR(static_cast<double>(chunks.next_chunk(5 * rate)) / rate, seam.shortest_chunk, 2);
  EXPECT_EQ(chunks.next_chunk(-1), chunks.shortest);
}

TEST(PlanChunks, KeepsWithinTheMemoryWhateverTheLength) {
  for (const int cores : {2, 8, 64}) {
    const ChunkPlan chunks = plan(10 * 3600, cores, stereo(AV_SAMPLE_FMT_FLTP));
    EXPECT_GE(chunks.threads, 2);
    EXPECT_LE(chunks.longest * 8 * (chunks.threads + 1), parallel_memory) << cores;
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
