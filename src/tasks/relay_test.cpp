#include "tasks/relay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "base/manual_clock.h"
#include "contract/fake_database.h"
#include "contract/fake_object_store.h"
#include "tasks/sweep.h"

namespace decant::tasks {
namespace {

using namespace std::chrono_literals;

/// Keeps what is published, unless it is away.
class FakePublisher final : public Broker {
 public:
  Result<void> publish(std::span<const TaskRef> tasks) override {
    const std::lock_guard lock(mutex_);
    ++calls_;
    changed_.notify_all();
    if (is_away_) return failure(ErrorCode::unavailable, "away");
    for (const TaskRef& task : tasks) published_.push_back(task.task);
    return {};
  }
  Result<std::optional<Delivery>> receive(std::chrono::milliseconds) override { return std::nullopt; }
  Result<void> extend(const Delivery&, std::chrono::milliseconds) override { return {}; }
  Result<void> acknowledge(const Delivery&) override { return {}; }
  Result<void> release(const Delivery&) override { return {}; }
  void interrupt() override {}

  void set_away(bool is_away) {
    const std::lock_guard lock(mutex_);
    is_away_ = is_away;
  }
  std::vector<TaskId> published() {
    const std::lock_guard lock(mutex_);
    return published_;
  }
  /// False when it never is called so often.
  bool waits_for_calls(int calls) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return calls_ >= calls; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_away_ = false;
  int calls_ = 0;
  std::vector<TaskId> published_;
};

/// An outbox whose relay dies before it can mark.
class UnmarkedOutbox final : public Outbox {
 public:
  explicit UnmarkedOutbox(Outbox& inner) : inner_(inner) {}
  Result<std::vector<Ring>> take(int limit, std::chrono::milliseconds hold) override {
    return inner_.take(limit, hold);
  }
  Result<void> mark_published(std::span<const std::int64_t>) override {
    return failure(ErrorCode::unavailable, "the relay is dead");
  }
  Result<OutboxStats> outbox_stats() override { return inner_.outbox_stats(); }

 private:
  Outbox& inner_;
};

class RelayTest : public testing::Test {
 protected:
  RelayTest() {
    User user;
    user.id = user_;
    EXPECT_TRUE(database_.insert_user(user));
  }

  TaskId upload() {
    Task task;
    task.id = TaskId::make(clock_.wall_now());
    task.user = user_;
    task.target = "mp3";
    task.max_attempts = 2;
    EXPECT_TRUE(database_.insert_task({task}));
    return task.id;
  }
  std::vector<TaskId> upload(int count) {
    std::vector<TaskId> ids;
    for (int i = 0; i < count; ++i) ids.push_back(upload());
    return ids;
  }
  bool is_claimed_by(const TaskId& id) {
    return database_.claim({.wanted = TaskRef{id, 1}, .lease = 60s}).value().has_value();
  }
  Relay make_relay(Outbox& outbox) { return {options_, outbox, broker_, logger_}; }

  ManualClock clock_;
  UserId user_ = UserId::make(clock_.wall_now());
  contract::FakeDatabase database_{clock_};
  FakePublisher broker_;
  Logger logger_{LogLevel::error, LogFormat::text};
  RelayOptions options_;
  Relay relay_{make_relay(database_)};
};

TEST_F(RelayTest, PublishesInOrderAndOnce) {
  const auto ids = upload(5);
  EXPECT_EQ(relay_.relay_once().value(), 5);
  EXPECT_EQ(relay_.relay_once().value(), 0);
  clock_.advance(24h);
  EXPECT_EQ(relay_.relay_once().value(), 0);
  EXPECT_EQ(broker_.published(), ids);
}

TEST_F(RelayTest, TakesABatchAtOnce) {
  options_.batch = 3;
  Relay relay = make_relay(database_);
  const auto ids = upload(7);
  EXPECT_EQ(relay.relay_once().value(), 3);
  EXPECT_EQ(relay.relay_once().value(), 3);
  EXPECT_EQ(relay.relay_once().value(), 1);
  EXPECT_EQ(broker_.published(), ids);
}

TEST_F(RelayTest, KeepsRingsWhileTheBrokerIsAway) {
  const auto ids = upload(3);
  broker_.set_away(true);
  EXPECT_EQ(relay_.relay_once().error().code, ErrorCode::unavailable);
  EXPECT_EQ(database_.outbox_stats().value().waiting, 3);
  broker_.set_away(false);
  EXPECT_EQ(relay_.relay_once().value(), 3) << "without waiting for the end of what it holds";
  EXPECT_EQ(broker_.published(), ids);
  EXPECT_EQ(database_.outbox_stats().value().waiting, 0);
}

TEST_F(RelayTest, Pitfall8ARelayKilledBetweenPublishAndMarkRingsTwiceAndTheTaskIsClaimedOnce) {
  const TaskId id = upload();
  UnmarkedOutbox unmarked(database_);
  Relay killed = make_relay(unmarked);
  EXPECT_FALSE(killed.relay_once());
  EXPECT_EQ(relay_.relay_once().value(), 0) << "held for the one that may be publishing still";
  clock_.advance(options_.hold);
  EXPECT_EQ(relay_.relay_once().value(), 1);
  EXPECT_EQ(broker_.published(), (std::vector{id, id}));
  EXPECT_TRUE(is_claimed_by(id));
  EXPECT_FALSE(is_claimed_by(id));
}

TEST_F(RelayTest, Pitfall8ALostRingIsRungAgainBySweeping) {
  const TaskId id = upload();
  EXPECT_EQ(relay_.relay_once().value(), 1);  // and the broker loses it
  contract::FakeObjectStore objects(clock_);
  const SweeperOptions options;
  Sweeper sweeper(options, database_, objects, relay_, clock_, logger_);
  EXPECT_EQ(sweeper.sweep_once().rung_again, 0);
  clock_.advance(options.ring_again_after);
  EXPECT_EQ(sweeper.sweep_once().rung_again, 1);
  EXPECT_EQ(relay_.relay_once().value(), 1);
  EXPECT_EQ(broker_.published(), (std::vector{id, id}));
}

TEST_F(RelayTest, TwoAtOncePublishEverythingOnce) {
  options_.batch = 7;
  auto ids = upload(200);
  const auto relay_all = [&] {
    Relay relay = make_relay(database_);
    while (relay.relay_once().value() > 0) {
    }
  };
  std::thread other(relay_all);
  relay_all();
  other.join();
  auto published = broker_.published();
  std::ranges::sort(published);
  std::ranges::sort(ids);
  EXPECT_EQ(published, ids);
}

TEST_F(RelayTest, ABellWakesIt) {
  options_.poll_interval = 1h;
  Relay relay = make_relay(database_);
  std::jthread running([&](const std::stop_token& stop) { relay.run(stop); });
  for (int i = 1; i <= 3; ++i) {
    const TaskId id = upload();
    ASSERT_TRUE(relay.ring({id, 1}));
    ASSERT_TRUE(broker_.waits_for_calls(i));
  }
}

TEST_F(RelayTest, ItPollsForWhatOthersWrote) {
  options_.poll_interval = 1ms;
  Relay relay = make_relay(database_);
  std::jthread running([&](const std::stop_token& stop) { relay.run(stop); });
  upload();
  EXPECT_TRUE(broker_.waits_for_calls(1));
}

TEST_F(RelayTest, AnOutageEndsByItselfAndKeepsNobodyFromStopping) {
  options_.poll_interval = 1h;
  options_.outage_backoff = {1ms, 1ms};
  const TaskId id = upload();
  broker_.set_away(true);
  {
    Relay relay = make_relay(database_);
    std::jthread running([&](const std::stop_token& stop) { relay.run(stop); });
    ASSERT_TRUE(broker_.waits_for_calls(3));
    broker_.set_away(false);
    while (broker_.published().empty()) std::this_thread::yield();
  }
  EXPECT_EQ(broker_.published(), std::vector{id});

  options_.outage_backoff = {1h, 1h};
  upload();
  broker_.set_away(true);
  Relay relay = make_relay(database_);
  std::jthread running([&](const std::stop_token& stop) { relay.run(stop); });
}

}  // namespace
}  // namespace decant::tasks
