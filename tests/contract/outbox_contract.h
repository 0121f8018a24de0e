#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "contract/store_contract.h"

namespace decant::contract {

class OutboxContract : public StoreContract {
 protected:
  static constexpr std::chrono::milliseconds hold{10'000};

  std::vector<tasks::Ring> take(int limit = 1000) { return stores_.outbox.take(limit, hold).value(); }
  void mark(const std::vector<tasks::Ring>& rings) {
    std::vector<std::int64_t> ids;
    for (const tasks::Ring& ring : rings) ids.push_back(ring.id);
    EXPECT_TRUE(stores_.outbox.mark_published(ids));
  }
  /// Takes what is due, marks it, and tells it as "name of the task/generation".
  std::vector<std::string> relay() {
    const auto rings = take();
    mark(rings);
    std::vector<std::string> told;
    for (const tasks::Ring& ring : rings)
      told.push_back(fmt::format("{}/{}", ring.task.task.text(), ring.task.generation));
    return told;
  }
  static std::string ring_of(const Task& task) { return fmt::format("{}/{}", task.id.text(), task.generation); }
};

TEST_P(OutboxContract, IsEmptyAtFirst) {
  EXPECT_THAT(take(), testing::IsEmpty());
  EXPECT_TRUE(stores_.outbox.mark_published({}));
  EXPECT_EQ(stores_.outbox.outbox_stats().value().waiting, 0);
  EXPECT_EQ(stores_.outbox.outbox_stats().value().oldest_age, std::chrono::milliseconds(0));
}

TEST_P(OutboxContract, RingsOnceForEachNewTaskInTheirOrder) {
  std::vector<std::string> inserted;
  for (int i = 0; i < 5; ++i) inserted.push_back(ring_of(add_task()));
  EXPECT_EQ(relay(), inserted);
  EXPECT_THAT(relay(), testing::IsEmpty());
}

TEST_P(OutboxContract, RingsForNothingThatWasRefusedOrRepeated) {
  tasks::NewTask given = make_new_task(1000);
  given.quota = 1000;
  given.idempotency_key = "key";
  const Task first = stores_.tasks.insert_task(given).value();
  EXPECT_FALSE(stores_.tasks.insert_task(given).value().id != first.id);
  given.task.id = tasks::TaskId::make(clock_.wall_now());
  given.idempotency_key = "other";
  ASSERT_FALSE(stores_.tasks.insert_task(given));
  EXPECT_THAT(relay(), testing::ElementsAre(ring_of(first)));
}

TEST_P(OutboxContract, RingsForANewGeneration) {
  const Task task = make_in(State::PROCESSED);
  relay();
  EXPECT_THAT(relay(), testing::IsEmpty());
  EXPECT_THAT((reconvert(task), relay()), testing::ElementsAre(task.id.text() + "/2"));
}

TEST_P(OutboxContract, RingsForARetryWhenItsPauseIsOver) {
  const Task task = add_task();
  relay();
  ASSERT_TRUE(fail(claim().value(), std::chrono::milliseconds(500)));
  clock_.advance(std::chrono::milliseconds(499));
  EXPECT_THAT(relay(), testing::IsEmpty());
  EXPECT_EQ(stores_.outbox.outbox_stats().value().waiting, 0);
  clock_.advance(tick);
  EXPECT_THAT(relay(), testing::ElementsAre(ring_of(task)));
}

TEST_P(OutboxContract, RingsForWhatIsGivenBackOrFreed) {
  const Task task = add_task();
  relay();
  const Task claimed = claim().value();
  ASSERT_TRUE(stores_.queue.give_back(task.id, claimed.fence).value());
  EXPECT_THAT(relay(), testing::ElementsAre(ring_of(task)));
  ASSERT_TRUE(claim());
  clock_.advance(lease);
  ASSERT_EQ(stores_.sweep.release_expired_leases(10).value().size(), 1);
  EXPECT_THAT(relay(), testing::ElementsAre(ring_of(task)));
}

TEST_P(OutboxContract, RingsNotForWhatIsOver) {
  make_in(State::UPLOADED);
  relay();
  const Task zombie = claim().value();
  clock_.advance(lease);
  const Task owner = claim().value();
  EXPECT_FALSE(fail(zombie, tick));
  EXPECT_FALSE(stores_.queue.give_back(zombie.id, zombie.fence).value());
  ASSERT_TRUE(fail(owner));
  clock_.advance(lease);
  EXPECT_THAT(relay(), testing::IsEmpty());
}

TEST_P(OutboxContract, FailsSilentlyWhatLostItsLastWorker) {
  add_task();
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    ASSERT_TRUE(claim());
    clock_.advance(lease);
  }
  relay();
  ASSERT_TRUE(stores_.sweep.release_expired_leases(10));
  EXPECT_THAT(relay(), testing::IsEmpty());
}

// A relay that died between publish and mark: the ring is repeated, and not before the hold is over.
TEST_P(OutboxContract, Pitfall8HoldsWhatOneRelayTookAndRepeatsWhatItNeverMarked) {
  const Task first = add_task();
  const Task second = add_task();
  const Stores other = database_->connect();
  const auto taken = take(1);
  ASSERT_EQ(taken.size(), 1);
  EXPECT_EQ(taken[0].task.task, first.id);
  const auto rest = other.outbox.take(10, hold).value();
  ASSERT_EQ(rest.size(), 1);
  EXPECT_EQ(rest[0].task.task, second.id);
  EXPECT_EQ(stores_.outbox.outbox_stats().value().waiting, 2);
  ASSERT_TRUE(other.outbox.mark_published(std::vector{rest[0].id}));
  clock_.advance(hold - tick);
  EXPECT_THAT(take(), testing::IsEmpty());
  clock_.advance(tick);
  const auto again = other.outbox.take(10, hold).value();
  ASSERT_EQ(again.size(), 1);
  EXPECT_EQ(again[0].id, taken[0].id);
  mark(taken);
  EXPECT_TRUE(other.outbox.mark_published(std::vector{again[0].id})) << "marked by the other is no error";
  clock_.advance(hold);
  EXPECT_THAT(take(), testing::IsEmpty());
}

TEST_P(OutboxContract, TwoRelaysShareTheRings) {
  constexpr std::size_t count = 60;
  for (std::size_t i = 0; i < count; ++i) add_task();
  const std::vector<Stores> stores = {stores_, database_->connect()};
  std::mutex mutex;
  std::map<std::string, int> published;
  run_threads(2, [&](int i) {
    tasks::Outbox& outbox = stores[static_cast<std::size_t>(i)].outbox;
    for (;;) {
      const auto rings = outbox.take(7, hold).value();
      if (rings.empty()) return;
      for (const tasks::Ring& ring : rings) {
        ASSERT_TRUE(outbox.mark_published(std::vector{ring.id}));
        const std::lock_guard lock(mutex);
        ++published[ring.task.task.text()];
      }
    }
  });
  EXPECT_EQ(published.size(), count);
  for (const auto& [task, times] : published) EXPECT_EQ(times, 1) << task;
}

TEST_P(OutboxContract, TellsHowFarItLagsBehind) {
  add_task();
  clock_.advance(std::chrono::milliseconds(700));
  add_task();
  clock_.advance(std::chrono::milliseconds(50));
  const auto stats = stores_.outbox.outbox_stats().value();
  EXPECT_EQ(stats.waiting, 2);
  EXPECT_EQ(stats.oldest_age, std::chrono::milliseconds(750));
}

TEST_P(OutboxContract, Pitfall8RingsAgainForWhatNobodyCameFor) {
  constexpr std::chrono::milliseconds age = std::chrono::minutes(5);
  const Task lost = add_task();
  const Task claimed = add_task();
  relay();
  ASSERT_TRUE(claim(claimed));
  clock_.advance(age - tick);
  EXPECT_EQ(stores_.sweep.ring_again(age, 10).value(), 0);
  clock_.advance(tick);
  EXPECT_EQ(stores_.sweep.ring_again(age, 10).value(), 1);
  EXPECT_EQ(stores_.sweep.ring_again(age, 10).value(), 0) << "rung for just now";
  EXPECT_THAT(relay(), testing::ElementsAre(ring_of(lost)));
  clock_.advance(age);
  EXPECT_EQ(stores_.sweep.ring_again(age, 0).value(), 0);
  EXPECT_EQ(stores_.sweep.ring_again(age, 10).value(), 1);
}

// So that a long queue that is only waiting its turn costs little.
TEST_P(OutboxContract, RingsAgainForTheOldestOnly) {
  std::vector<std::string> inserted;
  for (int i = 0; i < 6; ++i) inserted.push_back(ring_of(add_task()));
  relay();
  clock_.advance(lease);
  EXPECT_EQ(stores_.sweep.ring_again(lease, 4).value(), 4);
  EXPECT_EQ(stores_.sweep.ring_again(lease, 4).value(), 0);
  EXPECT_THAT(relay(), testing::UnorderedElementsAreArray(inserted.begin(), inserted.begin() + 4));
}

}  // namespace decant::contract
