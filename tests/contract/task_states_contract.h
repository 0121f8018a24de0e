#pragma once

#include <map>

#include "contract/job_states.h"
#include "contract/store_contract.h"

namespace decant::contract {

/// Walks every pair of a state and an event through the store and compares with tasks::next_state().
class TaskStatesContract : public StoreContract {
 protected:
  using Event = tasks::Event;

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
  for (const State from : all_states) {
    for (const Event event : all_events) {
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

TEST_P(TaskStatesContract, DoesToTheNumbersWhatTheDocumentSays) {
  for (const DocumentedEdge& edge : read_job_states()) {
    SCOPED_TRACE(edge.from + " " + edge.event);
    const Task before = make_in(tasks::find_state(edge.from).value());
    clock_.advance(lease);
    const auto event = std::ranges::find(all_events, edge.event, [](Event each) { return to_string(each); });
    ASSERT_NE(event, all_events.end());
    ASSERT_TRUE(apply(*event, before));
    const Task after = read(before).value();
    EXPECT_EQ(after.fence, edge.fence.apply(before.fence));
    EXPECT_EQ(after.attempts, edge.attempts.apply(before.attempts));
    EXPECT_EQ(after.generation, edge.generation.apply(before.generation));
    ASSERT_TRUE(stores_.tasks.cancel_task(before.id, user_));
    ASSERT_TRUE(stores_.sweep.purge(before.id));
  }
}

TEST(JobStates, TheDocumentHasTheEdgesOfTheCode) {
  using Edges = std::map<std::pair<std::string, std::string>, std::string>;
  Edges documented;
  for (const DocumentedEdge& edge : read_job_states()) documented[{edge.from, edge.event}] = edge.to;
  Edges coded;
  for (const tasks::State from : all_states) {
    for (const tasks::Event event : all_events) {
      const auto to = tasks::next_state(from, event);
      if (to) coded[{std::string(to_string(from)), std::string(to_string(event))}] = to_string(*to);
    }
  }
  EXPECT_EQ(documented, coded);
}

}  // namespace decant::contract
