#include "tasks/retry.h"

#include <gtest/gtest.h>

#include <set>

namespace decant::tasks {
namespace {

using std::chrono::milliseconds;

TEST(Retry, TriesAgainWhatTheMachineMayHaveCaused) {
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::crashed, ErrorCode::timed_out,
                               ErrorCode::quota_exceeded, ErrorCode::internal, ErrorCode::rate_limited}) {
    EXPECT_TRUE(is_retryable(code)) << to_string(code);
  }
}

TEST(Retry, GivesUpOnWhatTheInputCaused) {
  for (const ErrorCode code :
       {ErrorCode::unsupported_media, ErrorCode::unprocessable, ErrorCode::too_large, ErrorCode::invalid_argument,
        ErrorCode::not_found, ErrorCode::forbidden, ErrorCode::conflict, ErrorCode::lost_lease}) {
    EXPECT_FALSE(is_retryable(code)) << to_string(code);
  }
}

TEST(Backoff, DoublesUpToTheLongest) {
  const Backoff backoff{milliseconds(100), milliseconds(350)};
  EXPECT_EQ(backoff.bound(1), milliseconds(100));
  EXPECT_EQ(backoff.bound(2), milliseconds(200));
  EXPECT_EQ(backoff.bound(3), milliseconds(350));
  EXPECT_EQ(backoff.bound(1'000'000'000), milliseconds(350));
}

TEST(Backoff, DrawsAllOfTheRange) {
  const Backoff backoff{milliseconds(3), milliseconds(1000)};
  std::set<milliseconds> drawn;
  for (int i = 0; i < 1000; ++i) drawn.insert(backoff.draw(1));
  EXPECT_EQ(drawn, (std::set{milliseconds(0), milliseconds(1), milliseconds(2), milliseconds(3)}));
}

}  // namespace
}  // namespace decant::tasks
