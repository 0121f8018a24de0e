#pragma once

#include "contract/store_contract.h"

namespace decant::contract {

/// Walks every pair of a state and an event through the store and compares with tasks::next_state().
class TaskStatesContract : public StoreContract {
 protected:
  using Event = tasks::Event;
  static constexpr std::array states = {State::UPLOADED, State::PROCESSING, State::PROCESSED, State::FAILED,
                                        State::CANCELED};
  static constexpr std::array events = {Event::claim,  Event::commit, Event::retry,     Event::give_back,
                                        Event::expire, Event::fail,   Event::reconvert, Event::cancel};

  /// With the fence that the row has now: only the state can refuse. Whether the store says that it happened.
  bool apply(Event event, const Task& task) {
    switch (event) {
      case Event::claim: return claim(task).has_value();
      case Event::commit: return commit(task);
      case Event::retry: return fail(task, std::chrono::milliseconds(10));
      case Event::give_back: return stores_.queue.give_back(task.id, task.fence).value();
      case Event::expire: return !stores_.sweep.release_expired_leases(10).value().empty();
      case Event::fail: return fail(task);
      case Event::reconvert: return stores_.tasks.reconvert({task.id, user_, "flac", {}, max_attempts}).has_value();
      case Event::cancel: return stores_.tasks.cancel_task(task.id, user_).value().has_value();
    }
    return false;
  }
};

TEST_P(TaskStatesContract, HasTheEdgesOfTheTableAndNoOthers) {
  for (const State from : states) {
    for (const Event event : events) {
      SCOPED_TRACE(fmt::format("{} {}", to_string(from), to_string(event)));
      const Task before = make_in(from);
      ASSERT_EQ(before.state, from);
      clock_.advance(lease);  // so that leases are over where one is needed
      const auto next = tasks::next_state(from, event);
      EXPECT_EQ(apply(event, before), next.has_value());
      const Task after = read(before).value();
      if (next) {
        EXPECT_EQ(after.state, *next);
        EXPECT_NE(describe(after), describe(before));
      } else {
        EXPECT_EQ(describe(after), describe(before));
      }
      // Out of the way of the next pair.
      ASSERT_TRUE(stores_.tasks.cancel_task(before.id, user_));
      ASSERT_TRUE(stores_.sweep.purge(before.id));
    }
  }
}

TEST_P(TaskStatesContract, TheFenceNeverGoesBack) {
  for (const State from : states) {
    for (const Event event : events) {
      const Task before = make_in(from);
      clock_.advance(lease);
      apply(event, before);
      EXPECT_GE(read(before).value().fence, before.fence) << to_string(from) << " " << to_string(event);
      ASSERT_TRUE(stores_.tasks.cancel_task(before.id, user_));
      ASSERT_TRUE(stores_.sweep.purge(before.id));
    }
  }
}

}  // namespace decant::contract
