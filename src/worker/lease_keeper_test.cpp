#include "worker/lease_keeper.h"

#include <gtest/gtest.h>

#include "contract/worker_fixture.h"

namespace decant::worker {
namespace {

using namespace std::chrono_literals;

class LeaseKeeperTest : public contract::WorkerFixture {
 protected:
  LeaseKeeperTest() { upload(); }

  [[nodiscard]] int heartbeats() const { return queue_.count(Call::heartbeat); }
  void beat_after(std::chrono::milliseconds time) {
    clock_.advance(time);
    keeper_.beat();
  }

  LeaseKeeper keeper_{lease_options_, queue_, broker_, observer_, clock_, logger_};
};

/// With one lease held, as from a claim that was asked for right now.
class HeldLeaseTest : public LeaseKeeperTest {
 protected:
  tasks::Claim claim_ = database_.claim({.lease = lease_options_.lease}).value().value();
  LeaseKeeper::Hold hold_ = keeper_.hold(claim_, tasks::Delivery{}, clock_.steady_now());
  Lease& lease_ = hold_.lease();
};

TEST_F(HeldLeaseTest, BeatsWhenItIsTimeAndNotBefore) {
  beat_after(lease_options_.heartbeat - 1ms);
  EXPECT_EQ(heartbeats(), 0);
  beat_after(1ms);
  EXPECT_EQ(heartbeats(), 1);
  beat_after(lease_options_.heartbeat - 1ms);
  EXPECT_EQ(heartbeats(), 1);
  beat_after(1ms);
  EXPECT_EQ(heartbeats(), 2);
}

TEST_F(HeldLeaseTest, LivesForAsLongAsItBeats) {
  for (int i = 0; i < 10; ++i) beat_after(lease_options_.heartbeat);
  EXPECT_EQ(lease_.stop_reason(), StopReason::none);
  EXPECT_EQ(lease_.deadline(), clock_.steady_now() + lease_options_.lease);
  EXPECT_FALSE(database_.claim({.lease = 1s}).value()) << "the database sees it alive, too";
}

TEST_F(HeldLeaseTest, Pitfall11CountsTheDeadlineFromBeforeTheHeartbeatWasSent) {
  queue_.plan([&](Call) { return clock_.advance(5s), Fate::answered; });
  beat_after(lease_options_.heartbeat);
  EXPECT_EQ(lease_.deadline(), clock_.steady_now() - 5s + lease_options_.lease);
}

TEST_F(HeldLeaseTest, IsLostWhenTheDatabaseSaysSo) {
  cancel(claim_.task.id);
  beat_after(lease_options_.heartbeat);
  EXPECT_EQ(lease_.stop_reason(), StopReason::lost);
  EXPECT_TRUE(lease_.stop_token().stop_requested());
  beat_after(lease_options_.heartbeat);
  EXPECT_EQ(heartbeats(), 1) << "no word about what is lost";
  EXPECT_EQ(observer_.heard().leases_lost, 1);
  EXPECT_EQ(observer_.heard().fences_rejected, 1);
}

TEST_F(HeldLeaseTest, TellsOnceOfALeaseThatRanOut) {
  queue_.plan([](Call) { return Fate::refused; });
  beat_after(lease_options_.lease);
  beat_after(lease_options_.lease);
  EXPECT_EQ(lease_.stop_reason(), StopReason::lost);
  EXPECT_EQ(observer_.heard().leases_lost, 1);
  EXPECT_EQ(observer_.heard().fences_rejected, 0) << "nobody refused anything";
}

TEST_F(HeldLeaseTest, RetriesAHeartbeatThatFailed) {
  queue_.plan([&](Call) { return heartbeats() == 1 ? Fate::refused : Fate::answered; });
  beat_after(lease_options_.heartbeat);
  EXPECT_EQ(keeper_.beat(), std::min(lease_options_.heartbeat_retry, lease_options_.progress_interval));
  beat_after(lease_options_.heartbeat_retry);
  EXPECT_EQ(heartbeats(), 2);
  EXPECT_EQ(lease_.deadline(), clock_.steady_now() + lease_options_.lease);
}

TEST_F(HeldLeaseTest, IsLostWhenTheDatabaseStaysAway) {
  queue_.plan([](Call) { return Fate::refused; });
  beat_after(lease_options_.lease - 1ms);
  EXPECT_EQ(lease_.stop_reason(), StopReason::none);
  beat_after(1ms);
  EXPECT_EQ(lease_.stop_reason(), StopReason::lost);
}

TEST_F(HeldLeaseTest, IsLostWhenAHeartbeatHangsPastTheDeadline) {
  queue_.plan([&](Call) { return clock_.advance(lease_options_.lease), Fate::refused; });
  beat_after(lease_options_.heartbeat);
  EXPECT_EQ(lease_.stop_reason(), StopReason::lost);
}

TEST_F(HeldLeaseTest, TellsProgressAheadOfTime) {
  lease_.report_progress(0.5);
  beat_after(lease_options_.progress_interval);
  EXPECT_EQ(get(claim_.task.id).progress, 0.5);
}

TEST_F(HeldLeaseTest, TellsProgressNeitherTooOftenNorForTooLittle) {
  lease_.report_progress(0.5);
  beat_after(lease_options_.progress_interval - 1ms);
  EXPECT_EQ(heartbeats(), 0);
  beat_after(1ms);
  EXPECT_EQ(heartbeats(), 1);
  lease_.report_progress(0.5 + lease_options_.progress_step / 2);
  beat_after(lease_options_.progress_interval);
  EXPECT_EQ(heartbeats(), 1);
}

TEST_F(HeldLeaseTest, StopsWhatIsHeldWhenTheDrainIsOver) {
  keeper_.drain(clock_.steady_now() + 3s);
  EXPECT_TRUE(keeper_.is_draining());
  beat_after(3s - 1ms);
  EXPECT_EQ(lease_.stop_reason(), StopReason::none);
  beat_after(1ms);
  EXPECT_EQ(lease_.stop_reason(), StopReason::drained);
}

TEST_F(HeldLeaseTest, AShorterDrainReplacesALongerOne) {
  keeper_.drain(clock_.steady_now() + 3s);
  keeper_.drain(clock_.steady_now() + 1h);
  beat_after(3s);
  EXPECT_EQ(lease_.stop_reason(), StopReason::drained);
}

TEST_F(HeldLeaseTest, SaysWhenTheDrainIsTheNextThing) {
  keeper_.drain(clock_.steady_now() + 10ms);
  EXPECT_EQ(keeper_.beat(), 10ms);
}

TEST_F(LeaseKeeperTest, ForgetsWhatIsNoLongerHeld) {
  const auto claim = database_.claim({.lease = lease_options_.lease}).value().value();
  {
    const auto hold = keeper_.hold(claim, std::nullopt, clock_.steady_now());
  }
  beat_after(lease_options_.heartbeat);
  EXPECT_EQ(heartbeats(), 0);
  EXPECT_GE(keeper_.beat(), 1min) << "it has nothing to wake up for";
}

}  // namespace
}  // namespace decant::worker
