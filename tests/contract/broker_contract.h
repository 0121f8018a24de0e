#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>

#include "base/manual_clock.h"
#include "tasks/broker.h"

namespace decant::contract {

/// What every Broker must do, run on each adapter and on the fake:
///   INSTANTIATE_TEST_SUITE_P(BellFile, BrokerContract, testing::Values(make_bell_file));
/// The parameter makes one that is connected to the others that it made in one test, as those of other processes are.
using MakeBroker = std::function<std::unique_ptr<tasks::Broker>()>;

class BrokerContract : public testing::TestWithParam<std::function<MakeBroker()>> {
 protected:
  static constexpr std::chrono::milliseconds at_once{0};
  static constexpr std::chrono::seconds ample{20};  // never waited out where the test passes

  BrokerContract() : make_(GetParam()()), broker_(make_()) {}

  static tasks::TaskRef make_task() { return {tasks::TaskId::make(ManualClock().wall_now()), 1}; }
  static bool hears(tasks::Broker& broker, std::chrono::milliseconds timeout) {
    return broker.receive(timeout).value().has_value();
  }

  MakeBroker make_;
  std::unique_ptr<tasks::Broker> broker_;
};

TEST_P(BrokerContract, IsSilentWhenNobodyRings) {
  EXPECT_FALSE(hears(*broker_, at_once));
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(hears(*broker_, std::chrono::milliseconds(10)));
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(10));
}

TEST_P(BrokerContract, KeepsARingUntilSomebodyListens) {
  ASSERT_TRUE(broker_->ring(make_task()));
  EXPECT_TRUE(hears(*broker_, ample));
}

TEST_P(BrokerContract, WakesWhoWaits) {
  auto heard = std::async(std::launch::async, [&] { return hears(*broker_, ample); });
  ASSERT_TRUE(broker_->ring(make_task()));
  EXPECT_TRUE(heard.get());
}

TEST_P(BrokerContract, NamesTheTaskOrNone) {
  const tasks::TaskRef task = make_task();
  ASSERT_TRUE(broker_->ring(task));
  const auto delivery = broker_->receive(ample).value();
  ASSERT_TRUE(delivery);
  if (delivery->task) {
    EXPECT_EQ(delivery->task->task, task.task);
    EXPECT_EQ(delivery->task->generation, task.generation);
  }
}

TEST_P(BrokerContract, IsHeardByAnotherProcess) {
  const auto other = make_();
  ASSERT_TRUE(other->ring(make_task()));
  EXPECT_TRUE(hears(*broker_, ample));
}

TEST_P(BrokerContract, ARingAfterARingIsHeard) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(broker_->ring(make_task()));
    EXPECT_TRUE(hears(*broker_, ample)) << i;
  }
}

TEST_P(BrokerContract, RingsForManyAtOnce) {
  const std::vector<tasks::TaskRef> tasks(20, make_task());
  ASSERT_TRUE(broker_->publish(tasks));
  EXPECT_TRUE(hears(*broker_, ample));
  EXPECT_TRUE(broker_->publish({}));
}

TEST_P(BrokerContract, AnAcknowledgedRingIsOver) {
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto delivery = broker_->receive(ample).value();
  ASSERT_TRUE(delivery);
  EXPECT_TRUE(broker_->extend(*delivery, std::chrono::seconds(60)));
  EXPECT_TRUE(broker_->acknowledge(*delivery));
  EXPECT_FALSE(hears(*broker_, at_once));
}

TEST_P(BrokerContract, ReleaseIsNoError) {
  ASSERT_TRUE(broker_->ring(make_task()));
  EXPECT_TRUE(broker_->release(broker_->receive(ample).value().value()));
}

TEST_P(BrokerContract, InterruptWakesEverybodyForGood) {
  auto one = std::async(std::launch::async, [&] { return hears(*broker_, ample); });
  auto two = std::async(std::launch::async, [&] { return hears(*broker_, ample); });
  broker_->interrupt();
  EXPECT_FALSE(one.get());
  EXPECT_FALSE(two.get());
  EXPECT_FALSE(hears(*broker_, ample));
}

TEST_P(BrokerContract, InterruptLeavesOtherProcessesAlone) {
  const auto other = make_();
  other->interrupt();
  ASSERT_TRUE(other->ring(make_task()));
  EXPECT_TRUE(hears(*broker_, ample));
}

}  // namespace decant::contract
