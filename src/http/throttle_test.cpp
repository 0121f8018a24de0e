#include "http/throttle.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace decant::http {
namespace {

using namespace std::chrono_literals;

TEST(Throttle, AllowsTheBurstThenOneAnInterval) {
  ManualClock clock;
  Throttle throttle({.burst = 3, .interval = 1s}, 10, clock);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.spend("a"), std::nullopt);
  EXPECT_EQ(throttle.spend("a"), 1000ms);
  clock.advance(400ms);
  EXPECT_EQ(throttle.spend("a"), 600ms) << "a refused try costs nothing";
  clock.advance(600ms);
  EXPECT_EQ(throttle.spend("a"), std::nullopt);
  EXPECT_EQ(throttle.spend("a"), 1000ms);
  clock.advance(1h);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.spend("a"), std::nullopt) << "never more than the burst is saved up";
  EXPECT_NE(throttle.spend("a"), std::nullopt);
}

TEST(Throttle, KeysDoNotShare) {
  ManualClock clock;
  Throttle throttle({.burst = 1, .interval = 1s}, 10, clock);
  EXPECT_EQ(throttle.spend("a"), std::nullopt);
  EXPECT_NE(throttle.spend("a"), std::nullopt);
  EXPECT_EQ(throttle.spend("b"), std::nullopt);
}

TEST(Throttle, AGoodTryIsGivenBack) {
  ManualClock clock;
  Throttle throttle({.burst = 2, .interval = 1s}, 10, clock);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(throttle.spend("a"), std::nullopt);
    throttle.give_back("a");
  }
  throttle.give_back("a");
  throttle.give_back("unknown");
  EXPECT_EQ(throttle.spend("a"), std::nullopt);
  EXPECT_EQ(throttle.spend("a"), std::nullopt);
  EXPECT_NE(throttle.spend("a"), std::nullopt) << "giving back never raises the burst";
}

TEST(Throttle, MemoryIsBoundedAndTheBusyAreKept) {
  ManualClock clock;
  Throttle throttle({.burst = 1, .interval = 1h}, 100, clock);
  EXPECT_EQ(throttle.spend("attacker"), std::nullopt);
  for (int i = 0; i < 10'000; ++i) {
    throttle.spend("other " + std::to_string(i));
    if (i % 50 == 0) EXPECT_NE(throttle.spend("attacker"), std::nullopt);
  }
  EXPECT_NE(throttle.spend("other 9999"), std::nullopt);
  EXPECT_EQ(throttle.spend("other 0"), std::nullopt) << "forgotten";
}

TEST(ThrottleKey, AnIpv6HostIsItsNetwork) {
  EXPECT_EQ(throttle_key("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(throttle_key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(throttle_key("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
  EXPECT_EQ(throttle_key("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(throttle_key("what is this"), "what is this");
}

}  // namespace
}  // namespace decant::http
