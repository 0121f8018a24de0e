#include "worker/sweep_loop.h"

#include <gtest/gtest.h>

#include <future>

#include "contract/worker_fixture.h"

namespace decant::worker {
namespace {

using contract::WorkerFixture;

using namespace std::chrono_literals;

TEST_F(WorkerFixture, ASweepLoopSweepsAtOnceAndEndsWhenTold) {
  upload();
  ASSERT_TRUE(database_.claim({.lease = 1s}).value());
  clock_.advance(1s);
  tasks::Sweeper sweeper({}, database_, objects_, broker_, clock_, logger_);
  SweepLoop loop({.interval = 1h, .jitter = 0ms}, sweeper, logger_);
  EXPECT_TRUE(broker_.receive(20s).value()) << "the task of the lost worker is rung for";
  loop.stop();
}

TEST_F(WorkerFixture, ASweepLoopTellsWhatItDid) {
  upload();
  ASSERT_TRUE(database_.claim({.lease = 1s}).value());
  clock_.advance(1s);
  tasks::Sweeper sweeper({}, database_, objects_, broker_, clock_, logger_);
  std::promise<int> released;
  SweepLoop loop({.interval = 1h,
                  .jitter = 0ms,
                  .observe = [&](const tasks::SweepSummary& summary) { released.set_value(summary.released); }},
                 sweeper, logger_);
  EXPECT_EQ(released.get_future().get(), 1);
}

TEST_F(WorkerFixture, ASweepLoopSweepsTimeAndAgain) {
  tasks::Sweeper sweeper({}, database_, objects_, broker_, clock_, logger_);
  const SweepLoop loop({.interval = 1ms, .jitter = 1ms}, sweeper, logger_);
  tasks::Task task = make_task();
  task.max_attempts = 10;
  upload(task);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(database_.claim({.lease = 1s}).value());
    clock_.advance(1s);
    EXPECT_TRUE(broker_.receive(20s).value());
  }
}

}  // namespace
}  // namespace decant::worker
