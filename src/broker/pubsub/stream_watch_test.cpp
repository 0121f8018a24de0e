#include "broker/pubsub/stream_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace decant::broker::pubsub {
namespace {

using namespace std::chrono_literals;
using Ending = StreamWatch::Ending;

class PubsubStreamWatch : public testing::Test {
 protected:
  ManualClock clock_;
  StreamOptions options_;
  StreamWatch watch_{options_, clock_};
};

TEST_F(PubsubStreamWatch, TheFirstStreamIsOpenedAtOnce) { EXPECT_EQ(watch_.time_to_open(), 0ms); }

TEST_F(PubsubStreamWatch, Pitfall6AfterAUsualEndItIsReopenedSoon) {
  for (const Code code : {Code::ok, Code::unavailable, Code::unavailable, Code::ok}) {
    watch_.opened();
    watch_.heard();
    EXPECT_EQ(watch_.ended({code}), Ending::usual);
    EXPECT_LE(watch_.time_to_open(), options_.backoff.first);
    clock_.advance(options_.backoff.first);
  }
}

TEST_F(PubsubStreamWatch, StreamsThatBringNothingAreOpenedEverMoreSeldom) {
  std::vector<Ending> endings;
  for (int i = 0; i < 20; ++i) {
    watch_.opened();
    endings.push_back(watch_.ended({Code::ok}));
    EXPECT_LE(watch_.time_to_open(), options_.backoff.bound(i + 1));
    clock_.advance(options_.backoff.longest);
    EXPECT_EQ(watch_.time_to_open(), 0ms);
  }
  EXPECT_EQ(std::ranges::count(endings, Ending::trouble), 1) << "to be logged once";
}

TEST_F(PubsubStreamWatch, AQuietStreamThatLastedIsNoFailure) {
  for (int i = 0; i < 20; ++i) {
    watch_.opened();
    watch_.waits();
    clock_.advance(options_.long_life);
    EXPECT_EQ(watch_.ended({Code::unavailable}), Ending::usual);
    EXPECT_LE(watch_.time_to_open(), options_.backoff.first);
  }
}

TEST_F(PubsubStreamWatch, Pitfall6ARefusalWaitsForSomebodyToAct) {
  watch_.opened();
  watch_.heard();
  EXPECT_EQ(watch_.ended({Code::not_found}), Ending::refused);
  EXPECT_EQ(watch_.time_to_open(), options_.refused_pause);
  clock_.advance(options_.refused_pause);
  EXPECT_EQ(watch_.time_to_open(), 0ms) << "who makes the subscription need not restart the workers";
}

TEST_F(PubsubStreamWatch, WhatWeGaveUpOurselvesMayBeOpenedAtOnce) {
  watch_.opened();
  watch_.dropped();
  EXPECT_EQ(watch_.time_to_open(), 0ms);
}

TEST_F(PubsubStreamWatch, PingsOnAndOn) {
  watch_.opened();
  EXPECT_FALSE(watch_.is_ping_due());
  for (int i = 0; i < 3; ++i) {
    clock_.advance(30s);
    EXPECT_TRUE(watch_.is_ping_due());
    watch_.pinged();
    EXPECT_FALSE(watch_.is_ping_due());
  }
}

TEST_F(PubsubStreamWatch, Pitfall6SilenceForTooLongEndsIt) {
  watch_.opened();
  watch_.waits();
  clock_.advance(options_.longest_silence - 1ms);
  EXPECT_FALSE(watch_.is_too_silent());
  clock_.advance(1ms);
  EXPECT_TRUE(watch_.is_too_silent());
}

TEST_F(PubsubStreamWatch, SilenceIsCountedOnlyWhileWeListen) {
  watch_.opened();
  watch_.waits();
  clock_.advance(4min);
  watch_.heard();
  clock_.advance(1h);  // every slot is busy
  EXPECT_FALSE(watch_.is_too_silent());
  watch_.waits();
  clock_.advance(4min);
  EXPECT_FALSE(watch_.is_too_silent());
}

}  // namespace
}  // namespace decant::broker::pubsub
