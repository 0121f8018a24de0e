#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <semaphore>
#include <thread>

#include "broker/pubsub/testing_pubsub_broker.h"
#include "contract/worker_fixture.h"
#include "worker/worker.h"

namespace decant::broker::pubsub {
namespace {

using namespace std::chrono_literals;
using contract::ScriptedConverter;
using tasks::State;
using tasks::TaskId;
using Server = TestingPubsubServer;

const SystemClock system_clock;

/// A worker whose bell is Pub/Sub.
class PubsubWorkerTest : public contract::WorkerFixture {
 protected:
  PubsubWorkerTest() {
    worker_options_.poll_interval = 20s;
    worker_options_.attempt = attempt_options_;
    worker_options_.drain_margin = 0ms;
    worker_options_.outage_backoff = {1ms, 1ms};
  }
  ~PubsubWorkerTest() override {
    if (running_.joinable()) drain();
    pubsub_.reset();
    EXPECT_THAT(server_.violations(), testing::IsEmpty());
  }

  void start(int slots = 1) {
    worker_options_.slots = slots;
    pubsub_ = open_testing_broker(server_, testing_options(static_cast<std::size_t>(slots)), system_clock, logger_);
    worker_.emplace(worker_options_, queue_, objects_, *pubsub_, converter_, observer_, clock_, logger_);
    running_ = std::thread([this] { worker_->run(); });
    EXPECT_TRUE(server_.wait_until([&] { return server_.open_streams() == 1; })) << "it listens, for it is idle";
  }
  void drain() {
    worker_->drain(0ms);
    running_.join();
  }
  void ring(const TaskId& id) { EXPECT_TRUE(pubsub_->ring({id, 1})); }
  bool reaches(const TaskId& id, State state) {
    return queue_.wait_until([&] { return get(id).state == state; });
  }
  void count_conversions() {
    converter_.play([this](const auto& job, const auto&) {
      ++conversions_;
      return ScriptedConverter::succeed(job);
    });
  }
  void hold_conversions() {
    converter_.play([this](const auto&, const std::stop_token& stop) -> Result<tasks::ConversionResult> {
      running_conversions_.release();
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any never;
      never.wait(lock, stop, [] { return false; });
      return failure(ErrorCode::canceled, "stopped");
    });
  }

  Server server_;
  std::unique_ptr<tasks::Broker> pubsub_;
  worker::WorkerOptions worker_options_;
  std::optional<worker::Worker> worker_;
  std::thread running_;
  std::atomic<int> conversions_ = 0;
  std::counting_semaphore<> running_conversions_{0};
};

TEST_F(PubsubWorkerTest, ARingStartsAConversionAndItsEndIsAcknowledged) {
  count_conversions();
  start();
  const TaskId id = upload();
  ring(id);
  EXPECT_TRUE(reaches(id, State::PROCESSED));
  EXPECT_TRUE(server_.wait_until([&] { return server_.acknowledged() == 1; }));
  drain();
  EXPECT_EQ(observer_.heard().settled, 1);
  EXPECT_EQ(observer_.heard().not_settled, 0);
}

TEST_F(PubsubWorkerTest, Pitfall3ALostAcknowledgmentCausesNoSecondConversion) {
  count_conversions();
  start();
  std::atomic<bool> is_broken = true;
  server_.plan([&](Server::Call call) {
    if (call != Server::Call::acknowledge || !is_broken) return Server::Fate{};
    return Server::Fate{Code::unavailable, Server::Fate::Effect::nothing};
  });
  const TaskId id = upload();
  ring(id);
  ASSERT_TRUE(reaches(id, State::PROCESSED));
  ASSERT_TRUE(server_.wait_until([&] { return server_.count(Server::Call::acknowledge) > 0; }));
  is_broken = false;
  server_.expire_leases();
  EXPECT_TRUE(server_.wait_until([&] { return server_.acknowledged() == 1 && server_.outstanding() == 0; }))
      << "it came again and was found stale";
  EXPECT_EQ(conversions_, 1);
}

TEST_F(PubsubWorkerTest, Pitfall8ADoubledRingCausesNoSecondConversion) {
  count_conversions();
  start();
  const TaskId id = upload();
  for (int i = 0; i < 3; ++i) ring(id);
  ASSERT_TRUE(reaches(id, State::PROCESSED));
  EXPECT_TRUE(server_.wait_until([&] { return server_.acknowledged() == 3; }));
  EXPECT_EQ(conversions_, 1);
}

TEST_F(PubsubWorkerTest, AForgedRingCausesALookAndNothingElse) {
  count_conversions();
  start();
  ring(TaskId::make(clock_.wall_now()));
  EXPECT_TRUE(server_.wait_until([&] { return server_.acknowledged() == 1; }));
  EXPECT_EQ(conversions_, 0);
}

TEST_F(PubsubWorkerTest, Pitfall16ADrainWithMoreWorkThanBudgetLosesNothingAndSpendsNoAttempts) {
  hold_conversions();
  start(2);
  std::vector<TaskId> ids;
  for (int i = 0; i < 6; ++i) {
    ids.push_back(upload());
    ring(ids.back());
  }
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(running_conversions_.try_acquire_for(20s));
  drain();
  pubsub_.reset();
  for (const TaskId& id : ids) {
    EXPECT_EQ(get(id).state, State::UPLOADED);
    EXPECT_EQ(get(id).attempts, 0);
  }
  EXPECT_EQ(server_.outstanding(), 0U) << "others need not wait for a lease to run out";
  EXPECT_GE(server_.waiting(), ids.size());
}

}  // namespace
}  // namespace decant::broker::pubsub
