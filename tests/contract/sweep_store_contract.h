#pragma once

#include <atomic>

#include "contract/store_contract.h"

namespace decant::contract {

class SweepStoreContract : public StoreContract {};

TEST_P(SweepStoreContract, Pitfall9LeavesLivingLeasesAlone) {
  const Task task = make_in(State::PROCESSING);
  clock_.advance(lease - tick);
  EXPECT_TRUE(stores_.sweep.release_expired_leases(10).value().empty());
  EXPECT_EQ(state_of(task), State::PROCESSING);
}

TEST_P(SweepStoreContract, ReleasesExpiredLeases) {
  const Task claimed = make_in(State::PROCESSING);
  clock_.advance(lease);
  const auto ready = stores_.sweep.release_expired_leases(10).value();
  ASSERT_EQ(ready.size(), 1);
  EXPECT_EQ(ready[0].task, claimed.id);
  EXPECT_EQ(ready[0].generation, 1);
  const Task released = read(claimed).value();
  EXPECT_EQ(released.state, State::UPLOADED);
  EXPECT_EQ(released.attempts, 1);
  EXPECT_GT(released.fence, claimed.fence);
  EXPECT_FALSE(released.error);
  EXPECT_FALSE(commit(claimed));
  EXPECT_EQ(claim().value().id, claimed.id);
}

TEST_P(SweepStoreContract, ReleasesSoManyAtOnce) {
  for (int i = 0; i < 5; ++i) make_in(State::PROCESSING);
  clock_.advance(lease);
  EXPECT_EQ(stores_.sweep.release_expired_leases(3).value().size(), 3);
  EXPECT_EQ(stores_.sweep.release_expired_leases(3).value().size(), 2);
  EXPECT_TRUE(stores_.sweep.release_expired_leases(3).value().empty());
}

TEST_P(SweepStoreContract, Pitfall10FailsWhatKeepsLosingItsWorker) {
  const Task task = add_task();
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    ASSERT_TRUE(claim());
    clock_.advance(lease);
  }
  EXPECT_TRUE(stores_.sweep.release_expired_leases(10).value().empty());
  const Task failed = read(task).value();
  EXPECT_EQ(failed.state, State::FAILED);
  EXPECT_EQ(failed.error.value().code, ErrorCode::crashed);
  EXPECT_THAT(failed.error.value().message, testing::HasSubstr("worker was lost"));
}

TEST_P(SweepStoreContract, FailsWithTheLastErrorKept) {
  const Task task = add_task();
  ASSERT_TRUE(fail(claim().value(), std::chrono::milliseconds(0)));
  for (int attempt = 1; attempt < max_attempts; ++attempt) {
    ASSERT_TRUE(claim());
    clock_.advance(lease);
  }
  ASSERT_TRUE(stores_.sweep.release_expired_leases(10));
  EXPECT_EQ(state_of(task), State::FAILED);
  EXPECT_EQ(read(task).value().error.value().message, "it broke");
}

TEST_P(SweepStoreContract, Pitfall9OnlyOneOfSweepAndWorkerWins) {
  const Stores other = database_->connect();
  for (int round = 0; round < 20; ++round) {
    const Task task = make_in(State::PROCESSING);
    clock_.advance(lease);
    bool committed = false;
    std::size_t released = 0;
    run_threads(2, [&](int i) {
      if (i == 0)
        committed = commit(task);
      else
        released = other.sweep.release_expired_leases(10).value().size();
    });
    EXPECT_EQ(released, committed ? 0 : 1);
    EXPECT_EQ(state_of(task), committed ? State::PROCESSED : State::UPLOADED);
    ASSERT_TRUE(stores_.tasks.cancel_task(task.id, user_));
  }
}

TEST_P(SweepStoreContract, Pitfall9TwoSweepsReleaseEachTaskOnce) {
  constexpr int count = 40;
  for (int i = 0; i < count; ++i) make_in(State::PROCESSING);
  clock_.advance(lease);
  const std::vector<Stores> stores = {stores_, database_->connect()};
  std::atomic<std::size_t> released = 0;
  run_threads(2, [&](int i) {
    for (int pass = 0; pass < count; ++pass) {
      released += stores[static_cast<std::size_t>(i)].sweep.release_expired_leases(3).value().size();
    }
  });
  EXPECT_EQ(released, count);
}

TEST_P(SweepStoreContract, CancelsWhatFinishedLongAgo) {
  const Task processed = make_in(State::PROCESSED);
  const Task failed = make_in(State::FAILED);
  const Task waiting = make_in(State::UPLOADED);
  clock_.advance(std::chrono::hours(1));
  const Task fresh = make_in(State::PROCESSED);
  EXPECT_EQ(stores_.sweep.cancel_older_than(std::chrono::hours(1), 10).value(), 0);
  clock_.advance(tick);
  EXPECT_EQ(stores_.sweep.cancel_older_than(std::chrono::hours(1), 1).value(), 1);
  EXPECT_EQ(stores_.sweep.cancel_older_than(std::chrono::hours(1), 10).value(), 1);
  EXPECT_EQ(state_of(processed), State::CANCELED);
  EXPECT_EQ(state_of(failed), State::CANCELED);
  EXPECT_EQ(state_of(waiting), State::UPLOADED);
  EXPECT_EQ(state_of(fresh), State::PROCESSED);
}

TEST_P(SweepStoreContract, KeepsCanceledTasksUntilPurged) {
  const Task task = make_in(State::PROCESSED);
  const Task other = make_in(State::PROCESSED);
  ASSERT_TRUE(stores_.tasks.cancel_task(task.id, user_).value());
  const auto canceled = stores_.sweep.list_canceled(10).value();
  ASSERT_EQ(canceled.size(), 1);
  EXPECT_EQ(canceled[0].source.key, task.source.key);
  EXPECT_EQ(canceled[0].result.value().key, task.result.value().key);
  EXPECT_TRUE(stores_.sweep.list_canceled(0).value().empty());
  ASSERT_TRUE(stores_.sweep.purge(task.id));
  EXPECT_TRUE(stores_.sweep.list_canceled(10).value().empty());
  EXPECT_FALSE(read(task));
  ASSERT_TRUE(stores_.sweep.purge(task.id)) << "again is no error";
  ASSERT_TRUE(stores_.sweep.purge(other.id)) << "only canceled tasks are forgotten";
  EXPECT_TRUE(read(other));
}

TEST_P(SweepStoreContract, TellsWhichKeysNobodyOwns) {
  const Task processed = make_in(State::PROCESSED);
  const std::string source = processed.source.key;
  const std::string result = processed.result.value().key;
  const std::string stray = "results/nobody/1-x.mp3";
  EXPECT_THAT(stores_.sweep.find_unreferenced({source, stray, result}).value(), testing::ElementsAre(stray));
  EXPECT_THAT(stores_.sweep.find_unreferenced({}).value(), testing::IsEmpty());

  reconvert(processed);
  EXPECT_THAT(stores_.sweep.find_unreferenced({result}).value(), testing::IsEmpty());
  const Task again = claim().value();
  const std::string next = make_commit(again).result.key;
  EXPECT_THAT(stores_.sweep.find_unreferenced({next}).value(), testing::IsEmpty()) << "it may still be committed";
  ASSERT_TRUE(commit(again));
  EXPECT_THAT(stores_.sweep.find_unreferenced({result, next}).value(), testing::ElementsAre(result));

  ASSERT_TRUE(stores_.tasks.cancel_task(processed.id, user_).value());
  EXPECT_THAT(stores_.sweep.find_unreferenced({source, next}).value(), testing::IsEmpty());
  ASSERT_TRUE(stores_.sweep.purge(processed.id));
  EXPECT_THAT(stores_.sweep.find_unreferenced({source, next}).value(), testing::ElementsAre(source, next));
}

TEST_P(SweepStoreContract, Pitfall2KeepsAResultForAsLongAsItsClaimStands) {
  const Task claimed = make_in(State::PROCESSING);
  const std::string made = make_commit(claimed).result.key;
  const std::string earlier = fmt::format("results/{}/{}-x.mp3", claimed.id.text(), claimed.fence - 1);
  const std::string longer = fmt::format("results/{}/{}0-x.mp3", claimed.id.text(), claimed.fence);
  const auto unreferenced = [&] { return stores_.sweep.find_unreferenced({earlier, made, longer}).value(); };
  EXPECT_THAT(unreferenced(), testing::ElementsAre(earlier, longer));
  clock_.advance(lease);
  EXPECT_THAT(unreferenced(), testing::ElementsAre(earlier, longer)) << "late, but nobody has taken the task";
  ASSERT_EQ(stores_.sweep.release_expired_leases(10).value().size(), 1);
  EXPECT_THAT(unreferenced(), testing::ElementsAre(earlier, made, longer));
}

}  // namespace decant::contract
