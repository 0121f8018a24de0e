#pragma once

#include <gmock/gmock.h>

#include "contract/store_contract.h"

namespace decant::contract {

class TaskChangesContract : public StoreContract {
 protected:
  using Position = tasks::ChangePosition;

  Position newest() { return stores_.changes.newest_position().value(); }
  tasks::Changes list_after(Position after, int limit = 100) {
    return stores_.changes
        .list_changes({.users = {user_}, .after = after, .limit = limit, .progress_within = std::chrono::seconds(5)})
        .value();
  }
  static std::vector<std::string> told(const std::vector<tasks::TaskChange>& changes) {
    std::vector<std::string> texts;
    for (const auto& change : changes) texts.push_back(change.task.text() + " " + std::string(to_string(change.state)));
    return texts;
  }
  static std::string text(const Task& task, State state) {
    return task.id.text() + " " + std::string(to_string(state));
  }
};

TEST_P(TaskChangesContract, TellsWhatHappenedSinceAndNothingElse) {
  const Task before = add_task();
  const Position start = newest();
  EXPECT_TRUE(list_after(start).changed.empty());
  const Task made = add_task();
  const tasks::Changes first = list_after(start);
  EXPECT_EQ(told(first.changed), std::vector{text(made, State::UPLOADED)});
  EXPECT_FALSE(first.has_more);
  EXPECT_TRUE(list_after(first.position).changed.empty());
  ASSERT_TRUE(claim(before));
  EXPECT_EQ(told(list_after(first.position).changed), std::vector{text(before, State::PROCESSING)});
  EXPECT_THAT(told(list_after({}).changed),
              testing::UnorderedElementsAre(text(before, State::PROCESSING), text(made, State::UPLOADED)));
}

TEST_P(TaskChangesContract, EveryEdgeIsAChange) {
  const Task task = add_task();
  Position last = newest();
  const auto expect_change = [&](State state) {
    const tasks::Changes changes = list_after(last);
    EXPECT_EQ(told(changes.changed), std::vector{text(task, state)});
    last = changes.position;
    return changes.changed.empty() ? tasks::TaskChange{} : changes.changed.front();
  };
  Task claimed = claim(task).value();
  EXPECT_EQ(expect_change(State::PROCESSING).attempts, 1);
  clock_.advance(lease);
  claimed = claim(task).value();
  EXPECT_EQ(expect_change(State::PROCESSING).attempts, 2);
  ASSERT_TRUE(stores_.queue.give_back(task.id, claimed.fence).value());
  EXPECT_EQ(expect_change(State::UPLOADED).attempts, 1);
  claimed = claim(task).value();
  expect_change(State::PROCESSING);
  ASSERT_TRUE(fail(claimed, std::chrono::milliseconds(0)));
  EXPECT_EQ(expect_change(State::UPLOADED).error.value().message, "it broke");
  claimed = claim(task).value();
  expect_change(State::PROCESSING);
  ASSERT_TRUE(fail(claimed));
  const tasks::TaskChange failed = expect_change(State::FAILED);
  EXPECT_EQ(failed.error.value().code, ErrorCode::unprocessable);
  reconvert(task);
  EXPECT_FALSE(expect_change(State::UPLOADED).error);
  reconvert(task);
  expect_change(State::UPLOADED);
  claimed = claim(read(task).value()).value();
  expect_change(State::PROCESSING);
  clock_.advance(lease);
  ASSERT_FALSE(stores_.sweep.release_expired_leases(10).value().empty());
  expect_change(State::UPLOADED);
  claimed = claim(read(task).value()).value();
  expect_change(State::PROCESSING);
  ASSERT_TRUE(commit(claimed));
  EXPECT_EQ(expect_change(State::PROCESSED).progress, 1);
  ASSERT_TRUE(stores_.tasks.cancel_task(task.id, user_).value());
  expect_change(State::CANCELED);
}

TEST_P(TaskChangesContract, AgeIsAChangeToo) {
  const Task task = make_in(State::PROCESSED);
  const Position start = newest();
  clock_.advance(std::chrono::hours(2));
  ASSERT_EQ(stores_.sweep.cancel_older_than(std::chrono::hours(1), 10).value(), 1);
  EXPECT_EQ(told(list_after(start).changed), std::vector{text(task, State::CANCELED)});
  ASSERT_TRUE(stores_.sweep.purge(task.id));
  EXPECT_TRUE(list_after(start).changed.empty());
}

TEST_P(TaskChangesContract, ProgressIsToldOfWhatRuns) {
  const Task task = make_in(State::PROCESSING);
  const Position start = newest();
  ASSERT_TRUE(stores_.queue.heartbeat(task.id, task.fence, lease, 0.25).value());
  const tasks::Changes changes = list_after(start);
  EXPECT_TRUE(changes.changed.empty()) << "a heartbeat is no change";
  ASSERT_EQ(changes.early.size(), 1U);
  EXPECT_EQ(changes.early[0].task, task.id);
  EXPECT_DOUBLE_EQ(changes.early[0].progress, 0.25);
  clock_.advance(std::chrono::seconds(6));
  EXPECT_TRUE(list_after(start).early.empty());
  ASSERT_TRUE(stores_.queue.heartbeat(task.id, task.fence, lease, 0.5).value());
  EXPECT_EQ(list_after(start).early.size(), 1U);
  ASSERT_TRUE(commit(task));
  EXPECT_TRUE(list_after(start).early.empty());
}

TEST_P(TaskChangesContract, TellsOfNobodyElse) {
  const Position start = newest();
  const Task mine = make_in(State::PROCESSING);
  const tasks::UserId other = add_user("eve");
  const tasks::ChangeQuery of_other{.users = {other}, .after = start, .progress_within = std::chrono::seconds(5)};
  EXPECT_TRUE(stores_.changes.list_changes(of_other).value().changed.empty());
  EXPECT_TRUE(stores_.changes.list_changes(of_other).value().early.empty());
  EXPECT_FALSE(stores_.changes.find_change(mine.id, other).value());
  tasks::ChangeQuery of_both = of_other;
  of_both.users.push_back(user_);
  EXPECT_EQ(stores_.changes.list_changes(of_both).value().changed.size(), 1U);
  EXPECT_TRUE(stores_.changes.list_changes({.users = {}, .after = start}).value().changed.empty());
}

TEST_P(TaskChangesContract, GoesOnPageByPage) {
  Position position = newest();
  std::vector<std::string> expected;
  for (int i = 0; i < 7; ++i) expected.push_back(text(add_task(), State::UPLOADED));
  std::vector<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    const tasks::Changes changes = list_after(position, 3);
    EXPECT_EQ(changes.has_more, page < 2);
    for (const std::string& each : told(changes.changed)) seen.push_back(each);
    position = Position::parse(changes.position.text()).value();
  }
  EXPECT_EQ(seen, expected);
  EXPECT_TRUE(list_after(position, 3).changed.empty());
}

TEST_P(TaskChangesContract, PagesGoThroughOneLargeTransaction) {
  for (int i = 0; i < 5; ++i) make_in(State::PROCESSED);
  Position position = newest();
  clock_.advance(std::chrono::hours(2));
  ASSERT_EQ(stores_.sweep.cancel_older_than(std::chrono::hours(1), 10).value(), 5);
  std::size_t seen = 0;
  for (int page = 0; page < 3; ++page) {
    const tasks::Changes changes = list_after(position, 2);
    seen += changes.changed.size();
    position = changes.position;
  }
  EXPECT_EQ(seen, 5U);
  EXPECT_FALSE(list_after(position, 2).has_more);
}

TEST_P(TaskChangesContract, FindsOneWithItsPosition) {
  const Position start = newest();
  const Task task = make_in(State::FAILED);
  const auto found = stores_.changes.find_change(task.id, user_).value().value();
  EXPECT_EQ(found.state, State::FAILED);
  EXPECT_EQ(found.error.value().message, "it broke");
  EXPECT_GT(found.position, start);
  EXPECT_LE(found.position, newest());
  ASSERT_TRUE(stores_.tasks.cancel_task(task.id, user_).value());
  EXPECT_EQ(stores_.changes.find_change(task.id, user_).value().value().state, State::CANCELED);
  ASSERT_TRUE(stores_.sweep.purge(task.id));
  EXPECT_FALSE(stores_.changes.find_change(task.id, user_).value());
}

/// However the writers overlap, somebody who goes on from each position sees every task's last state.
TEST_P(TaskChangesContract, MissesNothingThatOverlaps) {
  constexpr int writers = 4;
  constexpr int tasks_each = 25;
  Position position = newest();
  std::map<std::string, State> seen;
  const auto look = [&](tasks::TaskChanges& changes) {
    bool has_more = true;
    while (has_more) {
      const auto page = changes.list_changes({.users = {user_}, .after = position, .limit = 7}).value();
      for (const auto& change : page.changed) seen[change.task.text()] = change.state;
      position = page.position;
      has_more = page.has_more;
    }
  };
  std::atomic<int> running = writers;
  run_threads(writers + 1, [&](int thread) {
    Stores stores = stores_;
    if (thread == writers) {
      while (running > 0) look(stores.changes);
      return;
    }
    for (int i = 0; i < tasks_each; ++i) {
      const Task task = stores.tasks.insert_task(make_new_task()).value();
      ASSERT_TRUE(stores.tasks.cancel_task(task.id, user_).value());
    }
    --running;
  });
  look(stores_.changes);
  EXPECT_EQ(seen.size(), std::size_t{writers * tasks_each});
  for (const auto& [task, state] : seen) EXPECT_EQ(state, State::CANCELED) << task;
}

}  // namespace decant::contract
