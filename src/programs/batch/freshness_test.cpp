#include "programs/batch/freshness.h"

#include <gtest/gtest.h>

namespace decant::programs::batch {
namespace {

constexpr FileVersion input{.size = 1000, .modified = 50};

OutputState output_of(std::int64_t modified, std::string record = {}) {
  return {.version = {.size = 10, .modified = modified}, .record = std::move(record)};
}

TEST(Freshness, FollowsTheRecordWhateverTheTimes) {
  const std::string record = make_record(input, "mp3", {});
  EXPECT_EQ(judge(input, record, output_of(10, record)), Freshness::current);
  EXPECT_EQ(judge(input, record, output_of(90, make_record({1000, 49}, "mp3", {}))), Freshness::stale);
  EXPECT_EQ(judge(input, record, output_of(90, make_record({999, 50}, "mp3", {}))), Freshness::stale);
  EXPECT_EQ(judge(input, record, output_of(90, make_record(input, "alac", {}))), Freshness::stale);
  EXPECT_EQ(judge(input, record, output_of(90, make_record(input, "mp3", {.bitrate = 96'000}))), Freshness::stale);
}

TEST(Freshness, FollowsTheTimesWithoutARecord) {
  EXPECT_EQ(judge(input, "any", std::nullopt), Freshness::absent);
  EXPECT_EQ(judge(input, "any", output_of(50)), Freshness::current);
  EXPECT_EQ(judge(input, "any", output_of(49)), Freshness::foreign);
}

}  // namespace
}  // namespace decant::programs::batch
