#include "worker/worker.h"

#include <gtest/gtest.h>

#include <semaphore>
#include <thread>

#include "contract/worker_fixture.h"

namespace decant::worker {
namespace {

using namespace std::chrono_literals;
using contract::ScriptedConverter;
using tasks::State;
using tasks::TaskId;

class WorkerTest : public contract::WorkerFixture {
 protected:
  WorkerTest() {
    // Real waits end by a ring or a change; these only bound how long a failing test takes.
    options_.poll_interval = 20s;
    options_.lease.progress_interval = 1ms;
    options_.lease.heartbeat = 1s;
    options_.attempt = attempt_options_;
    options_.drain_margin = 0ms;
    options_.outage_backoff = {1ms, 1ms};
  }
  ~WorkerTest() override {
    if (running_.joinable()) drain(0ms);
  }

  void start() {
    worker_.emplace(options_, queue_, objects_, broker_, converter_, observer_, clock_, logger_);
    running_ = std::thread([this] { worker_->run(); });
  }
  void drain(std::chrono::milliseconds budget) {
    worker_->drain(budget);
    running_.join();
  }
  void ring() { ASSERT_TRUE(broker_.ring({})); }
  bool reaches(const TaskId& id, State state) {
    return queue_.wait_until([&] { return get(id).state == state; });
  }

  /// From now on conversions wait until they are stopped or let go.
  void hold_conversions() {
    converter_.play([this](const auto& job, const std::stop_token& stop) -> Result<tasks::ConversionResult> {
      running_conversions_.release();
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return let_go_; })) return failure(ErrorCode::canceled, "stopped");
      return ScriptedConverter::succeed(job);
    });
  }
  bool one_more_is_running() { return running_conversions_.try_acquire_for(20s); }
  void let_go() {
    const std::lock_guard lock(mutex_);
    let_go_ = true;
    changed_.notify_all();
  }

  WorkerOptions options_;
  std::optional<Worker> worker_;
  std::thread running_;
  std::counting_semaphore<> running_conversions_{0};
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool let_go_ = false;
};

TEST_F(WorkerTest, DoesWhatWaitsAtItsStart) {
  const TaskId id = upload();
  start();
  EXPECT_TRUE(reaches(id, State::PROCESSED));
}

TEST_F(WorkerTest, HearsTheBellWhenIdle) {
  start();
  ASSERT_TRUE(queue_.wait_until([&] { return queue_.count(Call::time_to_next_ready) > 0; }));
  const TaskId id = upload();
  ring();
  EXPECT_TRUE(reaches(id, State::PROCESSED));
}

TEST_F(WorkerTest, OneRingBringsEverySlotToWork) {
  options_.slots = 4;
  hold_conversions();
  start();
  ASSERT_TRUE(queue_.wait_until([&] { return queue_.count(Call::time_to_next_ready) > 0; }));
  std::vector<TaskId> ids;
  for (int i = 0; i < options_.slots; ++i) ids.push_back(upload());
  ring();
  for (int i = 0; i < options_.slots; ++i) EXPECT_TRUE(one_more_is_running()) << i;
  let_go();
  for (const TaskId& id : ids) EXPECT_TRUE(reaches(id, State::PROCESSED));
}

TEST_F(WorkerTest, AFreeSlotTakesTheNextAtOnce) {
  std::vector<TaskId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(upload());
  start();
  for (const TaskId& id : ids) EXPECT_TRUE(reaches(id, State::PROCESSED));
}

TEST_F(WorkerTest, TellsHowManySlotsAreBusy) {
  options_.slots = 3;
  hold_conversions();
  const TaskId first = upload();
  const TaskId second = upload();
  start();
  EXPECT_TRUE(one_more_is_running() && one_more_is_running());
  EXPECT_EQ(worker_->busy_slots(), 2);
  let_go();
  EXPECT_TRUE(reaches(first, State::PROCESSED) && reaches(second, State::PROCESSED));
  drain(20s);
  EXPECT_EQ(worker_->busy_slots(), 0);
}

TEST_F(WorkerTest, NeverRunsMoreThanItsSlots) {
  options_.slots = 2;
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  converter_.play([&](const auto& job, const auto&) {
    most = std::max(most.load(), ++now);
    auto done = ScriptedConverter::succeed(job);
    --now;
    return done;
  });
  std::vector<TaskId> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(upload());
  start();
  for (const TaskId& id : ids) EXPECT_TRUE(reaches(id, State::PROCESSED));
  EXPECT_LE(most, 2);
}

TEST_F(WorkerTest, TriesAFailedTaskAgainAfterItsPause) {
  std::atomic<int> tries = 0;
  converter_.play([&](const auto& job, const auto&) {
    return ++tries == 1 ? Result<tasks::ConversionResult>(failure(ErrorCode::crashed, "it broke"))
                        : ScriptedConverter::succeed(job);
  });
  const TaskId id = upload();
  start();
  ASSERT_TRUE(queue_.wait_until([&] { return queue_.count(Call::fail) == 1; }));
  clock_.advance(options_.attempt.backoff.longest);
  ring();
  EXPECT_TRUE(reaches(id, State::PROCESSED));
  EXPECT_EQ(get(id).attempts, 2);
}

TEST_F(WorkerTest, ACanceledTaskStopsItsConversion) {
  hold_conversions();
  const TaskId id = upload();
  start();
  ASSERT_TRUE(one_more_is_running());
  cancel(id);
  clock_.advance(options_.lease.heartbeat);
  ASSERT_TRUE(queue_.wait_until([&] { return queue_.count(Call::heartbeat) > 0; }));
  drain(1h);
  EXPECT_TRUE(is_canceled(id));
  EXPECT_TRUE(results().empty());
}

TEST_F(WorkerTest, AReconvertedTaskIsStoppedAndConvertedAnew) {
  hold_conversions();
  const TaskId id = upload();
  start();
  ASSERT_TRUE(one_more_is_running());
  reconvert(id);
  clock_.advance(options_.lease.heartbeat);
  ASSERT_TRUE(one_more_is_running()) << "of the new generation, in the same slot";
  let_go();
  EXPECT_TRUE(reaches(id, State::PROCESSED));
  EXPECT_EQ(get(id).generation, 2);
  drain(1h);
  EXPECT_EQ(results(), std::vector{get(id).result->key});
}

TEST_F(WorkerTest, Pitfall16ALongConversionIsGivenBackWhenTheDrainBudgetEnds) {
  hold_conversions();
  const TaskId id = upload();
  start();
  ASSERT_TRUE(one_more_is_running());
  const auto rings = broker_.rings();
  drain(0ms);
  EXPECT_EQ(get(id).state, State::UPLOADED);
  EXPECT_EQ(get(id).attempts, 0);
  EXPECT_GT(broker_.rings(), rings) << "other workers learn of it at once";
}

TEST_F(WorkerTest, ADrainWithinItsBudgetFinishesWhatRuns) {
  hold_conversions();
  const TaskId running = upload();
  start();
  ASSERT_TRUE(one_more_is_running());
  const TaskId waiting = upload();
  worker_->drain(1h);
  let_go();
  running_.join();
  EXPECT_EQ(get(running).state, State::PROCESSED);
  EXPECT_EQ(get(waiting).state, State::UPLOADED) << "nothing new is begun";
}

TEST_F(WorkerTest, AnIdleWorkerDrainsAtOnce) {
  options_.slots = 3;
  start();
  ASSERT_TRUE(queue_.wait_until([&] { return queue_.count(Call::time_to_next_ready) > 0; }));
  drain(1h);
}

TEST_F(WorkerTest, DrainedBeforeItRunsItDoesNothing) {
  const TaskId id = upload();
  Worker worker(options_, queue_, objects_, broker_, converter_, observer_, clock_, logger_);
  worker.drain(1h);
  worker.run();
  EXPECT_EQ(get(id).state, State::UPLOADED);
}

TEST_F(WorkerTest, OutlivesAnOutageOfTheDatabase) {
  queue_.plan(
      [&](Call call) { return call == Call::claim && queue_.count(call) < 5 ? Fate::refused : Fate::answered; });
  const TaskId id = upload();
  start();
  EXPECT_TRUE(reaches(id, State::PROCESSED));
}

TEST_F(WorkerTest, OutlivesAnOutageOfTheObjectStore) {
  objects_.fail_puts(Error{ErrorCode::unavailable, "away"});
  const TaskId id = upload();
  start();
  EXPECT_TRUE(queue_.wait_until([&] { return queue_.count(Call::give_back) >= 5; }));
  objects_.fail_puts(std::nullopt);
  EXPECT_TRUE(reaches(id, State::PROCESSED));
  EXPECT_EQ(get(id).attempts, 1);
}

TEST_F(WorkerTest, WaitsBetweenTwoTasksWhileTheObjectStoreIsAway) {
  options_.outage_backoff = {1h, 1h};
  objects_.fail_puts(Error{ErrorCode::unavailable, "away"});
  upload();
  start();
  EXPECT_TRUE(queue_.wait_until([&] { return queue_.count(Call::give_back) == 1; }));
  drain(0ms);
  EXPECT_EQ(queue_.count(Call::claim), 1);
}

TEST_F(WorkerTest, OutlivesAnExceptionOfTheDatabase) {
  options_.outage_backoff.longest = 1ms;
  queue_.plan([&](Call call) {
    if (call == Call::claim && queue_.count(call) == 1) throw std::bad_alloc();
    return Fate::answered;
  });
  const TaskId id = upload();
  start();
  EXPECT_TRUE(reaches(id, State::PROCESSED));
}

TEST_F(WorkerTest, TwoWorkersShareTheWorkWithoutDoingAnyTwice) {
  std::atomic<int> conversions = 0;
  converter_.play([&](const auto& job, const auto&) { return ++conversions, ScriptedConverter::succeed(job); });
  std::vector<TaskId> ids;
  for (int i = 0; i < 50; ++i) ids.push_back(upload());
  options_.slots = 2;
  start();
  contract::FakeBroker other_broker;
  Worker other(options_, queue_, objects_, other_broker, converter_, observer_, clock_, logger_);
  std::thread running([&] { other.run(); });
  for (const TaskId& id : ids) EXPECT_TRUE(reaches(id, State::PROCESSED));
  other.drain(1h);
  running.join();
  EXPECT_EQ(conversions, 50);
}

}  // namespace
}  // namespace decant::worker
