#pragma once

#include <atomic>
#include <mutex>
#include <set>

#include "contract/store_contract.h"

namespace decant::contract {

class TaskQueueContract : public StoreContract {};

TEST_P(TaskQueueContract, HasNothingWhenEmpty) {
  EXPECT_FALSE(claim());
  EXPECT_FALSE(stores_.queue.time_to_next_ready().value());
}

TEST_P(TaskQueueContract, ClaimSpendsAnAttemptAndRaisesTheFence) {
  const Task task = add_task();
  clock_.advance(tick);
  const Task claimed = claim().value();
  Task expected = task;
  expected.state = State::PROCESSING;
  expected.attempts = 1;
  expected.fence = 1;
  expected.updated = clock_.wall_now();
  EXPECT_EQ(describe(claimed), describe(expected));
  EXPECT_EQ(describe(read(task).value()), describe(expected));
  EXPECT_FALSE(claim());
}

TEST_P(TaskQueueContract, ServesTheOldestFirst) {
  std::vector<std::string> inserted;
  for (int i = 0; i < 20; ++i) {
    inserted.push_back(add_task().id.text());
    if (i % 5 == 0) clock_.advance(tick);  // most are of one and the same millisecond
  }
  std::vector<std::string> served;
  while (const auto task = claim()) served.push_back(task->id.text());
  EXPECT_EQ(served, inserted);
}

TEST_P(TaskQueueContract, ClaimsTheWantedTaskInItsGenerationOnly) {
  const Task first = add_task();
  const Task second = add_task();
  EXPECT_FALSE(claim_as({.wanted = tasks::TaskRef{second.id, 2}, .worker = "w", .lease = lease}));
  EXPECT_EQ(claim(second).value().id, second.id);
  EXPECT_FALSE(claim(second));
  const Task newer = reconvert(first);
  EXPECT_FALSE(claim(first));
  EXPECT_EQ(claim(newer).value().generation, 2);
}

TEST_P(TaskQueueContract, WaitsOutThePauseAfterAFailure) {
  const Task task = add_task();
  ASSERT_TRUE(fail(claim().value(), std::chrono::milliseconds(500)));
  Task waiting = read(task).value();
  EXPECT_EQ(waiting.state, State::UPLOADED);
  EXPECT_EQ(waiting.attempts, 1);
  EXPECT_EQ(waiting.error.value().message, "it broke");
  EXPECT_EQ(waiting.error.value().code, ErrorCode::unprocessable);
  EXPECT_EQ(stores_.queue.time_to_next_ready().value(), std::chrono::milliseconds(500));
  clock_.advance(std::chrono::milliseconds(499));
  EXPECT_FALSE(claim());
  EXPECT_FALSE(claim(waiting));
  clock_.advance(tick);
  EXPECT_EQ(stores_.queue.time_to_next_ready().value(), std::chrono::milliseconds(0));
  EXPECT_EQ(claim().value().attempts, 2);
}

TEST_P(TaskQueueContract, FailsForGoodWithoutAPause) {
  const Task task = add_task();
  ASSERT_TRUE(fail(claim().value()));
  EXPECT_EQ(state_of(task), State::FAILED);
  EXPECT_FALSE(claim());
  EXPECT_FALSE(stores_.queue.time_to_next_ready().value());
}

TEST_P(TaskQueueContract, FailsForGoodAfterTheLastAttempt) {
  const Task task = add_task();
  for (int attempt = 1; attempt <= max_attempts; ++attempt) {
    const Task claimed = claim().value();
    EXPECT_EQ(claimed.attempts, attempt);
    ASSERT_TRUE(fail(claimed, std::chrono::milliseconds(0)));
  }
  const Task failed = read(task).value();
  EXPECT_EQ(failed.state, State::FAILED);
  EXPECT_EQ(failed.attempts, max_attempts);
  EXPECT_EQ(failed.error.value().message, "it broke");
  EXPECT_FALSE(claim());
}

TEST_P(TaskQueueContract, Pitfall16GiveBackSpendsNoAttemptAndKeepsThePlace) {
  const Task first = add_task();
  clock_.advance(tick);
  add_task();
  for (int i = 0; i < 2 * max_attempts; ++i) {
    const Task claimed = claim().value();
    EXPECT_EQ(claimed.id, first.id);
    EXPECT_EQ(claimed.attempts, 1);
    ASSERT_TRUE(stores_.queue.give_back(claimed.id, claimed.fence).value());
    EXPECT_EQ(state_of(first), State::UPLOADED);
    EXPECT_EQ(read(first).value().attempts, 0);
  }
}

TEST_P(TaskQueueContract, CommitKeepsTheResult) {
  const Task task = add_task();
  clock_.advance(tick);
  const Task claimed = claim().value();
  std::string replaced = "untouched";
  ASSERT_TRUE(stores_.queue.commit(make_commit(claimed), replaced).value());
  EXPECT_EQ(replaced, "");
  const Task done = read(task).value();
  EXPECT_EQ(done.state, State::PROCESSED);
  EXPECT_EQ(describe(done.result.value()), describe(make_commit(claimed).result));
  EXPECT_EQ(done.result_target, "mp3");
  EXPECT_EQ(done.report, R"({"notes":[]})");
  EXPECT_EQ(done.progress, 1);
  EXPECT_EQ(done.updated, clock_.wall_now());
}

TEST_P(TaskQueueContract, CommitForgetsTheErrorOfEarlierAttempts) {
  const Task task = add_task();
  ASSERT_TRUE(fail(claim().value(), std::chrono::milliseconds(0)));
  const Task second = claim().value();
  EXPECT_EQ(second.error.value().message, "it broke");
  ASSERT_TRUE(commit(second));
  EXPECT_FALSE(read(task).value().error);
}

TEST_P(TaskQueueContract, CommitHandsOverTheResultThatItReplaces) {
  const Task first = make_in(State::PROCESSED);
  reconvert(first);
  const Task claimed = claim().value();
  std::string replaced;
  ASSERT_TRUE(stores_.queue.commit(make_commit(claimed), replaced).value());
  EXPECT_EQ(replaced, first.result.value().key);
  EXPECT_EQ(read(first).value().result_target, "flac");
}

TEST_P(TaskQueueContract, Pitfall2CommitsOnce) {
  add_task();
  const Task claimed = claim().value();
  ASSERT_TRUE(commit(claimed));
  std::string replaced = "untouched";
  EXPECT_FALSE(stores_.queue.commit(make_commit(claimed), replaced).value());
  EXPECT_EQ(replaced, "untouched");
}

// The worker was killed between its commit and the acknowledgement, so the broker rings once more.
TEST_P(TaskQueueContract, Pitfall2ARingThatComesAgainAfterTheCommitFindsNothing) {
  const Task task = add_task();
  ASSERT_TRUE(commit(claim(task).value()));
  const Task done = read(task).value();
  for (const auto late : {std::chrono::milliseconds(0), 2 * lease}) {
    clock_.advance(late);
    EXPECT_FALSE(claim(task));
    EXPECT_FALSE(claim());
  }
  EXPECT_EQ(describe(read(task).value()), describe(done));
}

// The database's clock is the only one that counts; even when that one jumps, nothing is lost or done twice.
TEST_P(TaskQueueContract, Pitfall11AClockThatJumpsAnHourLosesNothing) {
  for (const auto jump :
       {std::chrono::milliseconds(std::chrono::hours(1)), -std::chrono::milliseconds(std::chrono::hours(1))}) {
    const Task task = add_task();
    const Task claimed = claim(task).value();
    clock_.advance(jump);
    if (jump > lease) {
      const Task taken = claim(task).value();
      EXPECT_FALSE(stores_.queue.heartbeat(claimed.id, claimed.fence, lease, 0.5).value());
      EXPECT_FALSE(commit(claimed)) << "it was taken for lost, and the fence keeps it out";
      EXPECT_TRUE(commit(taken));
    } else {
      EXPECT_FALSE(claim(task));
      EXPECT_TRUE(stores_.queue.heartbeat(claimed.id, claimed.fence, lease, 0.5).value());
      EXPECT_LE(stores_.queue.time_to_next_ready().value().value(), lease) << "a heartbeat counts from the new time";
      EXPECT_TRUE(commit(claimed));
    }
    EXPECT_EQ(state_of(task), State::PROCESSED);
  }
}

TEST_P(TaskQueueContract, HeartbeatsKeepTheLease) {
  const Task task = add_task();
  const Task claimed = claim().value();
  for (int i = 1; i <= 5; ++i) {
    clock_.advance(lease - tick);
    EXPECT_FALSE(claim());
    EXPECT_EQ(stores_.queue.time_to_next_ready().value(), tick);
    ASSERT_TRUE(stores_.queue.heartbeat(claimed.id, claimed.fence, lease, i * 0.125).value());
    EXPECT_EQ(read(task).value().progress, i * 0.125);
  }
  EXPECT_EQ(stores_.queue.time_to_next_ready().value(), lease);
}

TEST_P(TaskQueueContract, AnExpiredLeaseIsFreeForOthers) {
  const Task task = add_task();
  const Task lost = claim().value();
  clock_.advance(lease);
  EXPECT_EQ(stores_.queue.time_to_next_ready().value(), std::chrono::milliseconds(0));
  const Task taken = claim().value();
  EXPECT_EQ(taken.id, task.id);
  EXPECT_EQ(taken.fence, lost.fence + 1);
  EXPECT_EQ(taken.attempts, 2);
}

TEST_P(TaskQueueContract, AnExpiredLeaseStillCommitsWhileNobodyTookIt) {
  add_task();
  const Task claimed = claim().value();
  clock_.advance(lease * 2);
  EXPECT_TRUE(stores_.queue.heartbeat(claimed.id, claimed.fence, lease, 0.5).value());
  EXPECT_FALSE(claim());
  clock_.advance(lease * 2);
  EXPECT_TRUE(commit(claimed));
}

TEST_P(TaskQueueContract, Pitfall1AZombieChangesNothing) {
  const Task task = add_task();
  const Task zombie = claim().value();
  clock_.advance(lease);
  const Task owner = claim().value();
  EXPECT_FALSE(stores_.queue.heartbeat(zombie.id, zombie.fence, lease, 0.9).value());
  EXPECT_FALSE(commit(zombie));
  EXPECT_FALSE(fail(zombie));
  EXPECT_FALSE(fail(zombie, lease));
  EXPECT_FALSE(stores_.queue.give_back(zombie.id, zombie.fence).value());
  EXPECT_EQ(describe(read(task).value()), describe(owner));
  EXPECT_TRUE(commit(owner));
}

TEST_P(TaskQueueContract, Pitfall10ASpentTaskIsNotClaimedAgain) {
  const Task task = add_task();
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    ASSERT_TRUE(claim());
    clock_.advance(lease);
  }
  EXPECT_FALSE(claim());
  EXPECT_FALSE(claim(task));
  EXPECT_FALSE(stores_.queue.time_to_next_ready().value());
}

TEST_P(TaskQueueContract, NamesTheNearestTime) {
  add_task();
  ASSERT_TRUE(fail(claim().value(), std::chrono::seconds(90)));
  EXPECT_EQ(stores_.queue.time_to_next_ready().value(), std::chrono::seconds(90));
  add_task();
  EXPECT_EQ(stores_.queue.time_to_next_ready().value(), std::chrono::seconds(0));
  ASSERT_TRUE(claim());
  EXPECT_EQ(stores_.queue.time_to_next_ready().value(), lease);
}

TEST_P(TaskQueueContract, OneOfManyProcessesWins) {
  constexpr int processes = 4;
  for (int round = 0; round < 10; ++round) {
    const Task task = add_task();
    std::atomic<int> winners = 0;
    std::vector<Stores> stores;
    for (int i = 0; i < processes; ++i) stores.push_back(database_->connect());
    run_threads(processes, [&](int i) {
      tasks::ClaimRequest request{.wanted = {}, .worker = "w", .lease = lease};
      if (i % 2 == 0) request.wanted = tasks::TaskRef{task.id, 1};
      if (stores[static_cast<std::size_t>(i)].queue.claim(request).value()) ++winners;
    });
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(read(task).value().attempts, 1);
  }
}

TEST_P(TaskQueueContract, ManyWorkersDoEachTaskOnce) {
  constexpr std::size_t count = 60;
  for (std::size_t i = 0; i < count; ++i) add_task();
  const std::vector<Stores> stores = {stores_, database_->connect(), database_->connect()};
  std::mutex mutex;
  std::multiset<std::string> done;
  run_threads(6, [&](int i) {
    const Stores& mine = stores[static_cast<std::size_t>(i) % stores.size()];
    while (const auto claimed = mine.queue.claim({.wanted = {}, .worker = "w", .lease = lease}).value()) {
      std::string replaced;
      ASSERT_TRUE(mine.queue.commit(make_commit(claimed->task), replaced).value());
      const std::lock_guard lock(mutex);
      done.insert(claimed->task.id.text());
    }
  });
  EXPECT_EQ(done.size(), count);
  EXPECT_EQ(std::set<std::string>(done.begin(), done.end()).size(), count);
  EXPECT_EQ(stores_.stats.queue_stats().value().processed, count);
}

TEST_P(TaskQueueContract, CountsWhatItHolds) {
  const auto empty = stores_.stats.queue_stats().value();
  EXPECT_EQ(empty.ready + empty.delayed + empty.leased + empty.processed + empty.failed, 0);
  EXPECT_EQ(empty.oldest_ready_age, std::chrono::milliseconds(0));
  make_in(State::PROCESSED);
  make_in(State::PROCESSED);
  make_in(State::FAILED);
  make_in(State::CANCELED);
  make_in(State::PROCESSING);
  ASSERT_TRUE(fail(make_in(State::PROCESSING), std::chrono::hours(1)));
  add_task();
  clock_.advance(std::chrono::milliseconds(700));
  add_task();
  const auto stats = stores_.stats.queue_stats().value();
  EXPECT_EQ(stats.ready, 2);
  EXPECT_EQ(stats.delayed, 1);
  EXPECT_EQ(stats.leased, 1);
  EXPECT_EQ(stats.processed, 2);
  EXPECT_EQ(stats.failed, 1);
  EXPECT_EQ(stats.oldest_ready_age, std::chrono::milliseconds(700));
}

TEST_P(TaskQueueContract, ShowsWhatRunsAndWhatFailed) {
  EXPECT_TRUE(stores_.work.running_tasks(10).value().empty());
  EXPECT_TRUE(stores_.work.failed_tasks(10).value().empty());
  const Task first = add_task();
  const Task second = add_task();
  const Task third = add_task();
  const Task claimed = claim_as({.wanted = {}, .worker = "host/1", .lease = lease}).value();
  ASSERT_TRUE(stores_.queue.heartbeat(claimed.id, claimed.fence, lease, 0.25).value());
  const auto running = stores_.work.running_tasks(10).value();
  ASSERT_EQ(running.size(), 1U);
  EXPECT_EQ(running[0].task, first.id);
  EXPECT_EQ(running[0].worker, "host/1");
  EXPECT_EQ(running[0].target, "mp3");
  EXPECT_EQ(running[0].attempt, 1);
  EXPECT_EQ(running[0].progress, 0.25);

  ASSERT_TRUE(fail(claimed));
  clock_.advance(std::chrono::seconds(3));
  ASSERT_TRUE(fail(claim(second).value()));
  clock_.advance(std::chrono::seconds(2));
  ASSERT_TRUE(commit(claim(third).value()));
  EXPECT_TRUE(stores_.work.running_tasks(10).value().empty());
  const auto failed = stores_.work.failed_tasks(10).value();
  ASSERT_EQ(failed.size(), 2U);
  EXPECT_EQ(failed[0].task, second.id) << "the last one first";
  EXPECT_EQ(failed[0].age, std::chrono::seconds(2));
  EXPECT_EQ(failed[0].target, "mp3");
  EXPECT_EQ(failed[0].error.code, ErrorCode::unprocessable);
  EXPECT_EQ(failed[0].error.message, "it broke");
  EXPECT_EQ(failed[1].age, std::chrono::seconds(5));
  EXPECT_EQ(stores_.work.failed_tasks(1).value().size(), 1U);
}

}  // namespace decant::contract
