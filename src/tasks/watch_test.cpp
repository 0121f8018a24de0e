#include "tasks/watch.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "contract/fake_database.h"

namespace decant::tasks {
namespace {

using namespace std::chrono_literals;

/// A feed that counts looks, and fails while it is told to.
class WatchedFeed final : public TaskChanges {
 public:
  explicit WatchedFeed(TaskChanges& inner) : inner_(inner) {}
  Result<ChangePosition> newest_position() override {
    return is_away ? Result<ChangePosition>(failure(ErrorCode::unavailable, "away")) : inner_.newest_position();
  }
  Result<std::optional<TaskChange>> find_change(const TaskId& id, const UserId& user) override {
    return inner_.find_change(id, user);
  }
  Result<Changes> list_changes(const ChangeQuery& query) override {
    ++looks;
    users = static_cast<int>(query.users.size());
    if (is_away) return failure(ErrorCode::unavailable, "away");
    return inner_.list_changes(query);
  }

  std::atomic<bool> is_away = false;
  std::atomic<int> looks = 0;
  std::atomic<int> users = 0;

 private:
  TaskChanges& inner_;
};

/// Takes what a listener is told, as a stream does.
class Ear {
 public:
  explicit Ear(std::unique_ptr<Watch::Listener> listener) : listener_(std::move(listener)) {
    listener_->on_news([this] { wake(); });
  }
  ~Ear() { listener_.reset(); }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;

  /// The next news; fails the test when there are none for long.
  Watch::News next() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(woken_.wait_for(lock, 20s, [this] { return is_woken_; }));
    is_woken_ = false;
    lock.unlock();
    return listener_->take();
  }
  /// The next that say more than a position.
  Watch::News next_changes() {
    while (true) {
      Watch::News news = next();
      if (!news.changes.empty() || news.is_lost || testing::Test::HasFailure()) return news;
    }
  }
  /// Waits until it is told that a task came to a state; how often it heard of that task until then.
  int hear_until(const TaskId& task, State state) {
    for (int heard = 0;;) {
      for (const TaskChange& change : next_changes().changes) {
        if (change.task != task) continue;
        ++heard;
        if (change.state == state) return heard;
      }
      if (testing::Test::HasFailure()) return heard;
    }
  }

 private:
  void wake() {
    {
      const std::lock_guard lock(mutex_);
      is_woken_ = true;
    }
    woken_.notify_all();
  }

  std::unique_ptr<Watch::Listener> listener_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_woken_ = false;
};

class WatchTest : public testing::Test {
 protected:
  WatchTest() : ada_(add_user("ada")), eve_(add_user("eve")) {}

  UserId add_user(const std::string& name) {
    User user;
    user.id = UserId::make(clock_.wall_now());
    user.name = name;
    user.email = name + "@example.org";
    EXPECT_TRUE(database_.insert_user(user));
    return user.id;
  }
  TaskId add_task(const UserId& user) {
    NewTask task;
    task.task.id = TaskId::make(clock_.wall_now());
    task.task.user = user;
    task.task.max_attempts = 3;
    return database_.insert_task(task).value().id;
  }
  Task claim(const TaskId& task) {
    return database_.claim({.wanted = TaskRef{task, 1}, .worker = "w", .lease = 30s}).value().value().task;
  }
  void commit(const Task& task) {
    std::string replaced;
    EXPECT_TRUE(database_.commit({.task = task.id, .fence = task.fence, .result = {}, .report = {}}, replaced).value());
  }
  std::unique_ptr<Watch::Listener> listen(Watch& watch, Watch::Interest interest) {
    return watch.listen(std::move(interest)).value();
  }

  ManualClock clock_;
  contract::FakeDatabase database_{clock_};
  WatchedFeed feed_{database_};
  Logger logger_{LogLevel::error, LogFormat::text};
  UserId ada_;
  UserId eve_;
};

TEST_F(WatchTest, TellsEachListenerOfItsUsersTasks) {
  Watch watch({.interval = 2ms}, feed_, logger_);
  Ear ada(listen(watch, {.user = ada_}));
  Ear eve(listen(watch, {.user = eve_}));
  EXPECT_TRUE(ada.next().position);
  const TaskId of_eve = add_task(eve_);
  const TaskId of_ada = add_task(ada_);
  EXPECT_EQ(ada.next_changes().changes.at(0).task, of_ada);
  commit(claim(of_ada));
  ada.hear_until(of_ada, State::PROCESSED);
  EXPECT_EQ(eve.next_changes().changes.at(0).task, of_eve);
}

TEST_F(WatchTest, TellsProgressOnceAStep) {
  Watch watch({.interval = 1ms}, feed_, logger_);
  const Task task = claim(add_task(ada_));
  Ear ear(listen(watch, {.user = ada_}));
  while (feed_.looks < 5) std::this_thread::yield();
  ASSERT_TRUE(database_.heartbeat(task.id, task.fence, 30s, 0.25).value());
  auto heard = ear.next_changes().changes.at(0);
  if (heard.progress == 0) heard = ear.next_changes().changes.at(0);
  EXPECT_DOUBLE_EQ(heard.progress, 0.25);
  const int looks = feed_.looks;
  while (feed_.looks < looks + 5) std::this_thread::yield();
  commit(task);
  EXPECT_EQ(ear.hear_until(task.id, State::PROCESSED), 1) << "progress that stands is told once";
}

TEST_F(WatchTest, OneTaskIsToldAtOnceAsItIs) {
  Watch watch({.interval = 1h}, feed_, logger_);
  const TaskId task = add_task(ada_);
  commit(claim(task));
  Ear ear(listen(watch, {.user = ada_, .task = task}));
  const Watch::News news = ear.next();
  ASSERT_EQ(news.changes.size(), 1U);
  EXPECT_EQ(news.changes[0].state, State::PROCESSED);
  EXPECT_TRUE(news.position);
  const TaskId gone = TaskId::make(clock_.wall_now());
  EXPECT_EQ(Ear(listen(watch, {.user = ada_, .task = gone})).next().changes.at(0).state, State::CANCELED);
}

TEST_F(WatchTest, WhoComesBackHearsWhatItMissed) {
  const ChangePosition before = database_.newest_position().value();
  std::vector<TaskId> tasks;
  for (int i = 0; i < 25; ++i) {
    tasks.push_back(add_task(ada_));
    commit(claim(tasks.back()));
  }
  Watch watch({.interval = 1ms, .batch = 10}, feed_, logger_);
  std::set<TaskId> heard;
  std::optional<ChangePosition> position = before;
  // Breaks off after each piece, and goes on from there.
  while (heard.size() < tasks.size()) {
    Ear ear(listen(watch, {.user = ada_, .after = position}));
    const Watch::News news = ear.next_changes();
    ASSERT_FALSE(news.is_lost);
    EXPECT_LE(news.changes.size(), 10U);
    for (const TaskChange& change : news.changes) {
      EXPECT_EQ(change.state, State::PROCESSED);
      heard.insert(change.task);
    }
    position = news.position;
    ASSERT_FALSE(HasFailure());
  }
  Ear ear(listen(watch, {.user = ada_, .after = before}));
  ear.hear_until(tasks.back(), State::PROCESSED);
  const TaskId later = add_task(ada_);
  ear.hear_until(later, State::UPLOADED);
}

TEST_F(WatchTest, WhoLeavesTooMuchUntakenIsLost) {
  Watch watch({.interval = 1ms, .batch = 5}, feed_, logger_);
  auto slow = listen(watch, {.user = ada_});
  Ear quick(listen(watch, {.user = ada_}));
  EXPECT_TRUE(quick.next().position);
  for (int i = 0; i < 6; ++i) quick.hear_until(add_task(ada_), State::UPLOADED);
  const Watch::News news = slow->take();
  EXPECT_TRUE(news.is_lost);
  EXPECT_TRUE(news.changes.empty()) << "nothing is kept for it";
}

TEST_F(WatchTest, WhatIsUntakenIsKeptOnceATask) {
  Watch watch({.interval = 1ms, .batch = 2}, feed_, logger_);
  auto slow = listen(watch, {.user = ada_});
  Ear quick(listen(watch, {.user = ada_}));
  EXPECT_TRUE(quick.next().position);
  const TaskId task = add_task(ada_);
  quick.hear_until(task, State::UPLOADED);
  const Task claimed = claim(task);
  quick.hear_until(task, State::PROCESSING);
  commit(claimed);
  quick.hear_until(task, State::PROCESSED);
  const Watch::News news = slow->take();
  ASSERT_EQ(news.changes.size(), 1U);
  EXPECT_EQ(news.changes[0].state, State::PROCESSED);
}

TEST_F(WatchTest, ListenersAreBounded) {
  Watch watch({.interval = 1h, .listeners = 3, .listeners_per_user = 2}, feed_, logger_);
  auto first = listen(watch, {.user = ada_});
  auto second = listen(watch, {.user = ada_});
  EXPECT_EQ(watch.listen({.user = ada_}).error().code, ErrorCode::rate_limited);
  auto third = listen(watch, {.user = eve_});
  EXPECT_EQ(watch.listen({.user = eve_}).error().code, ErrorCode::unavailable);
  second.reset();
  EXPECT_TRUE(watch.listen({.user = ada_}));
}

TEST_F(WatchTest, OneLookIsForAllAndNobodyLooksForNobody) {
  Watch watch({.interval = 1ms}, feed_, logger_);
  {
    std::vector<std::unique_ptr<Watch::Listener>> listeners;
    for (int i = 0; i < 3; ++i) listeners.push_back(listen(watch, {.user = ada_}));
    listeners.push_back(listen(watch, {.user = eve_}));
    while (feed_.users < 2) std::this_thread::yield();
  }
  const TaskId unheard = add_task(ada_);
  std::this_thread::sleep_for(20ms);  // nothing tells that nothing happens
  const int looks = feed_.looks;
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(feed_.looks, looks);
  Ear ear(listen(watch, {.user = ada_}));
  EXPECT_TRUE(ear.next().changes.empty()) << "what happened before is not told";
  const TaskId heard = add_task(ada_);
  EXPECT_EQ(ear.next_changes().changes.at(0).task, heard);
  EXPECT_NE(heard, unheard);
}

TEST_F(WatchTest, ADatabaseThatIsAwayLosesNothing) {
  Logger quiet(LogLevel::error, LogFormat::text);
  Watch watch({.interval = 1ms}, feed_, quiet);
  Ear ear(listen(watch, {.user = ada_}));
  EXPECT_TRUE(ear.next().position);
  feed_.is_away = true;
  const int looks = feed_.looks;
  const TaskId task = add_task(ada_);
  while (feed_.looks < looks + 3) std::this_thread::yield();
  feed_.is_away = false;
  ear.hear_until(task, State::UPLOADED);
}

}  // namespace
}  // namespace decant::tasks
