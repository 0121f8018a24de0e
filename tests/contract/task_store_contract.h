#pragma once

#include <algorithm>
#include <random>

#include "contract/store_contract.h"

namespace decant::contract {

class TaskStoreContract : public StoreContract {
 protected:
  std::vector<std::string> list(const tasks::ListQuery& query) {
    std::vector<std::string> ids;
    for (const Task& task : stores_.tasks.list_tasks(query).value()) ids.push_back(task.id.text());
    return ids;
  }
};

TEST_P(TaskStoreContract, KeepsWhatWasInserted) {
  tasks::NewTask given = make_new_task();
  given.task.options = {.quality = 2.5, .sample_rate = 44100, .channels = 1, .start = tasks::AudioTime(1'500'000)};
  const Task inserted = stores_.tasks.insert_task(given).value();
  Task expected = given.task;
  expected.created = expected.updated = expected.not_before = clock_.wall_now();
  EXPECT_EQ(describe(inserted), describe(expected));
  EXPECT_EQ(describe(stores_.tasks.find_task(given.task.id, user_).value().value()), describe(expected));
}

TEST_P(TaskStoreContract, StartsOutFreshWhateverIsGiven) {
  tasks::NewTask given = make_new_task();
  given.task.state = State::PROCESSED;
  given.task.generation = 7;
  given.task.fence = 8;
  given.task.attempts = 9;
  given.task.progress = 1;
  given.task.error = tasks::TaskError{ErrorCode::internal, "no"};
  given.task.result = given.task.source;
  const Task task = stores_.tasks.insert_task(given).value();
  EXPECT_EQ(task.state, State::UPLOADED);
  EXPECT_EQ(task.generation, 1);
  EXPECT_EQ(task.fence, 0);
  EXPECT_EQ(task.attempts, 0);
  EXPECT_EQ(task.progress, 0);
  EXPECT_FALSE(task.error);
  EXPECT_FALSE(task.result);
}

TEST_P(TaskStoreContract, KeepsEveryOddNameVerbatim) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const std::vector<std::string> names = {
      "",    "'; DROP TABLE tasks; --", std::string("a\0b", 3),     "../../etc/passwd",     "line\nbreak\r\t",
      "-rf", "\"q\" `b` \\ %s ?1",      "😀 日本語 \u202E gpj.exe", std::string(4096, 'x'), every_byte};
  for (const std::string& name : names) {
    tasks::NewTask given = make_new_task();
    given.task.name = name;
    ASSERT_TRUE(stores_.tasks.insert_task(given));
    EXPECT_EQ(stores_.tasks.find_task(given.task.id, user_).value().value().name, name);
  }
}

TEST_P(TaskStoreContract, RefusesAnIdTwice) {
  const tasks::NewTask given = make_new_task();
  ASSERT_TRUE(stores_.tasks.insert_task(given));
  const auto again = stores_.tasks.insert_task(given);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_EQ(list({.user = user_}).size(), 1);
}

TEST_P(TaskStoreContract, MakesOneTaskOfOneKey) {
  const auto insert = [&](const tasks::UserId& user, const std::string& key) {
    tasks::NewTask given = make_new_task();
    given.task.user = user;
    given.idempotency_key = key;
    return stores_.tasks.insert_task(given).value().id;
  };
  const tasks::TaskId first = insert(user_, "key");
  EXPECT_EQ(insert(user_, "key"), first);
  EXPECT_NE(insert(user_, "other key"), first);
  EXPECT_NE(insert(add_user("bob"), "key"), first) << "keys of different users are strangers";
  EXPECT_NE(insert(user_, ""), insert(user_, "")) << "no key";

  clock_.advance(tasks::idempotency_window);
  const tasks::TaskId next_day = insert(user_, "key");
  EXPECT_NE(next_day, first);
  EXPECT_EQ(insert(user_, "key"), next_day);
  ASSERT_TRUE(stores_.tasks.cancel_task(next_day, user_).value());
  EXPECT_NE(insert(user_, "key"), next_day) << "canceled";
}

TEST_P(TaskStoreContract, RepeatsAKeyAlsoWhenTheQuotaIsFull) {
  tasks::NewTask given = make_new_task();
  given.quota = given.task.source.size;
  given.idempotency_key = "key";
  const auto first = stores_.tasks.insert_task(given);
  ASSERT_TRUE(first);
  given.task.id = tasks::TaskId::make(clock_.wall_now());
  EXPECT_EQ(stores_.tasks.insert_task(given).value().id, first->id);
}

TEST_P(TaskStoreContract, TakesNothingFromUnknownAndDisabledUsers) {
  tasks::NewTask given = make_new_task();
  given.task.user = tasks::UserId::make(clock_.wall_now());
  EXPECT_EQ(stores_.tasks.insert_task(given).error().code, ErrorCode::unauthenticated);
  ASSERT_TRUE(stores_.users.disable_user(user_));
  EXPECT_EQ(stores_.tasks.insert_task(make_new_task()).error().code, ErrorCode::unauthenticated);
  ASSERT_TRUE(stores_.users.enable_user(user_));
  EXPECT_TRUE(stores_.tasks.insert_task(make_new_task()));
}

TEST_P(TaskStoreContract, HidesTasksOfOthers) {
  const Task task = add_task();
  const tasks::UserId other = add_user("eve");
  EXPECT_FALSE(stores_.tasks.find_task(task.id, other).value());
  EXPECT_TRUE(list({.user = other}).empty());
  EXPECT_FALSE(stores_.tasks.cancel_task(task.id, other).value());
  EXPECT_EQ(stores_.tasks.reconvert({task.id, other, "flac", {}, 3}).error().code, ErrorCode::not_found);
  EXPECT_EQ(describe(read(task).value()), describe(task));
}

TEST_P(TaskStoreContract, FindsNoUnknownTask) {
  EXPECT_FALSE(stores_.tasks.find_task(tasks::TaskId::make(clock_.wall_now()), user_).value());
  EXPECT_FALSE(stores_.tasks.find_task(tasks::TaskId(), user_).value());
}

TEST_P(TaskStoreContract, PagesInBothOrders) {
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) {
    ids.push_back(add_task().id.text());
    clock_.advance(tick);
  }
  for (const tasks::Order order : {tasks::Order::oldest_first, tasks::Order::newest_first}) {
    std::vector<std::string> seen;
    tasks::ListQuery query{.user = user_, .max = 3, .order = order};
    for (;;) {
      const auto page = list(query);
      ASSERT_LE(page.size(), 3);
      if (page.empty()) break;
      seen.insert(seen.end(), page.begin(), page.end());
      query.after = tasks::TaskId::parse(page.back());
    }
    EXPECT_EQ(seen, ids);
    std::ranges::reverse(ids);
  }
}

TEST_P(TaskStoreContract, PagesOnBehindATaskThatIsGone) {
  const Task first = add_task();
  clock_.advance(tick);
  const Task second = add_task();
  clock_.advance(tick);
  const Task third = add_task();
  ASSERT_TRUE(stores_.tasks.cancel_task(second.id, user_).value());
  ASSERT_TRUE(stores_.sweep.purge(second.id));
  EXPECT_THAT(list({.user = user_, .after = second.id}), testing::ElementsAre(third.id.text()));
  EXPECT_THAT(list({.user = user_, .order = tasks::Order::newest_first, .after = second.id}),
              testing::ElementsAre(first.id.text()));
}

TEST_P(TaskStoreContract, ListsByState) {
  const Task waiting = make_in(State::UPLOADED);
  clock_.advance(tick);
  const Task done = make_in(State::PROCESSED);
  clock_.advance(tick);
  make_in(State::CANCELED);
  EXPECT_THAT(list({.user = user_, .state = State::UPLOADED}), testing::ElementsAre(waiting.id.text()));
  EXPECT_THAT(list({.user = user_, .order = tasks::Order::newest_first, .state = State::PROCESSED}),
              testing::ElementsAre(done.id.text()));
  EXPECT_THAT(list({.user = user_, .state = State::CANCELED}), testing::IsEmpty());
  EXPECT_THAT(list({.user = user_}), testing::ElementsAre(waiting.id.text(), done.id.text()));
  EXPECT_THAT(list({.user = user_, .max = 0}), testing::IsEmpty());
}

// Whatever a list shows, whoever changes it.
TEST_P(TaskStoreContract, HasAnotherVersionAfterEveryChangeOfAList) {
  const Stores other = database_->connect();
  if (!stores_.tasks.list_version()) GTEST_SKIP() << "this database has none";
  std::optional<std::int64_t> last;
  const auto expect_another = [&](std::string_view after) {
    const auto version = stores_.tasks.list_version();
    ASSERT_TRUE(version);
    EXPECT_NE(version, last) << after;
    EXPECT_EQ(stores_.tasks.list_version(), version) << "nothing happened after " << after;
    EXPECT_TRUE(stores_.tasks.list_tasks({.user = user_}));
    EXPECT_EQ(stores_.tasks.list_version(), version) << "a look is no change";
    last = version;
  };
  expect_another("the start");
  const Task task = add_task();
  expect_another("an insertion");
  ASSERT_TRUE(other.tasks.insert_task(make_new_task()));
  expect_another("an insertion by another process");
  const auto claimed = other.queue.claim({.wanted = tasks::TaskRef{task.id, 1}, .worker = "w", .lease = lease}).value();
  expect_another("a claim");
  ASSERT_TRUE(other.queue.heartbeat(task.id, claimed->task.fence, lease, 0.5).value());
  expect_another("progress");
  ASSERT_TRUE(commit(claimed->task));
  expect_another("a result");
  ASSERT_TRUE(other.tasks.reconvert({task.id, user_, "flac", {}, 3}));
  expect_another("a reconversion");
  ASSERT_TRUE(stores_.tasks.cancel_task(task.id, user_).value());
  expect_another("an end");
}

TEST_P(TaskStoreContract, HoldsTheQuotaToTheByte) {
  tasks::NewTask task = make_new_task(600);
  task.quota = 1000;
  ASSERT_TRUE(stores_.tasks.insert_task(task));
  tasks::NewTask too_much = make_new_task(401);
  too_much.quota = 1000;
  EXPECT_EQ(stores_.tasks.insert_task(too_much).error().code, ErrorCode::quota_exceeded);
  EXPECT_EQ(list({.user = user_}).size(), 1);
  tasks::NewTask fits = make_new_task(400);
  fits.quota = 1000;
  EXPECT_TRUE(stores_.tasks.insert_task(fits));
}

TEST_P(TaskStoreContract, KeepsTheCoverThroughEveryGenerationAndCountsIt) {
  tasks::NewTask task = make_new_task(600);
  task.task.cover = tasks::Cover{.size = 100, .sha256 = "22ff"};
  task.quota = 699;
  EXPECT_EQ(stores_.tasks.insert_task(task).error().code, ErrorCode::quota_exceeded);
  task.quota = 700;
  EXPECT_EQ(stores_.tasks.insert_task(task).value().cover, task.task.cover);
  EXPECT_EQ(reconvert(task.task).cover, task.task.cover);
  tasks::NewTask more = make_new_task(1);
  more.quota = 700;
  EXPECT_FALSE(stores_.tasks.insert_task(more));
  EXPECT_EQ(claim()->cover, task.task.cover);
  EXPECT_EQ(stores_.tasks.cancel_task(task.task.id, user_).value()->cover, task.task.cover);
  EXPECT_EQ(stores_.sweep.list_canceled(1).value().front().cover, task.task.cover);
  EXPECT_TRUE(stores_.tasks.insert_task(more));
}

TEST_P(TaskStoreContract, CountsEachUserAlone) {
  add_task(5000);
  user_ = add_user("eve");
  tasks::NewTask task = make_new_task(1000);
  task.quota = 1000;
  EXPECT_TRUE(stores_.tasks.insert_task(task));
}

// Whatever happened before, the quota sees the sum of the sources and results that the user sees.
TEST_P(TaskStoreContract, CountsStorageThroughEveryChange) {
  std::mt19937 random(7);
  const auto pick = [&](int below) { return std::uniform_int_distribution(0, below - 1)(random); };
  for (int step = 0; step < 100; ++step) {
    const auto visible = stores_.tasks.list_tasks({.user = user_, .max = 1000}).value();
    ByteCount sum = 0;
    for (const Task& task : visible) sum += task.source.size + (task.result ? task.result->size : 0);
    tasks::NewTask over = make_new_task(10);
    over.quota = sum + 9;
    ASSERT_FALSE(stores_.tasks.insert_task(over)) << "step " << step;
    tasks::NewTask exact = make_new_task(10);
    exact.quota = sum + 10;
    ASSERT_TRUE(stores_.tasks.insert_task(exact)) << "step " << step;
    const Task& any =
        visible.empty() ? exact.task : visible[static_cast<std::size_t>(pick(static_cast<int>(visible.size())))];
    switch (pick(5)) {
      case 0: ASSERT_TRUE(stores_.tasks.cancel_task(any.id, user_)); break;
      case 1: reconvert(any); break;
      case 2:
        for (const Task& canceled : stores_.sweep.list_canceled(3).value())
          ASSERT_TRUE(stores_.sweep.purge(canceled.id));
        break;
      default:
        if (const auto claimed = claim()) ASSERT_TRUE(commit(*claimed, 1 + pick(500)));
    }
  }
}

TEST_P(TaskStoreContract, ReconvertsFromScratchAndKeepsTheOldResult) {
  Task task = make_in(State::PROCESSED);
  const tasks::StoredFile old_result = task.result.value();
  clock_.advance(tick);
  const auto changed = stores_.tasks.reconvert({task.id, user_, "flac", {.channels = 2}, 5}).value();
  EXPECT_EQ(changed.state, State::UPLOADED);
  EXPECT_EQ(changed.target, "flac");
  EXPECT_EQ(changed.options, (tasks::ConversionOptions{.channels = 2}));
  EXPECT_EQ(changed.generation, task.generation + 1);
  EXPECT_EQ(changed.fence, task.fence + 1);
  EXPECT_EQ(changed.attempts, 0);
  EXPECT_EQ(changed.max_attempts, 5);
  EXPECT_EQ(changed.progress, 0);
  EXPECT_EQ(changed.not_before, clock_.wall_now());
  EXPECT_EQ(describe(changed.result.value()), describe(old_result));
  EXPECT_EQ(changed.result_target, "mp3");
  EXPECT_EQ(changed.report, task.report);
  EXPECT_EQ(describe(read(task).value()), describe(changed));
}

// Whoever takes the task, and however often: it is the same trace until somebody asks for another conversion.
TEST_P(TaskStoreContract, KeepsTheTraceOfTheRequest) {
  tasks::NewTask fresh = make_new_task();
  const TraceContext first = fresh.task.trace;
  EXPECT_EQ(stores_.tasks.insert_task(fresh).value().trace, first);
  const Task failed = claim().value();
  EXPECT_EQ(failed.trace, first);
  ASSERT_TRUE(fail(failed, std::chrono::milliseconds(0)));
  const Task given_back = claim().value();
  ASSERT_TRUE(stores_.queue.give_back(given_back.id, given_back.fence).value());
  const Task last = claim(given_back).value();
  EXPECT_EQ(last.trace, first);
  ASSERT_TRUE(commit(last));
  EXPECT_EQ(stores_.tasks.list_tasks({.user = user_}).value().front().trace, first);

  const TraceContext second = TraceContext::begin();
  EXPECT_EQ(stores_.tasks.reconvert({last.id, user_, "flac", {}, 3, second}).value().trace, second);
  EXPECT_EQ(claim().value().trace, second);
  EXPECT_EQ(stores_.tasks.reconvert({last.id, user_, "mp3", {}, 3}).value().trace, TraceContext());
  EXPECT_EQ(read(last).value().trace, TraceContext());
}

TEST_P(TaskStoreContract, ForgetsErrorAndBackoffWhenReconverting) {
  const Task task = add_task();
  ASSERT_TRUE(fail(claim().value(), std::chrono::hours(1)));
  ASSERT_FALSE(claim());
  const Task changed = reconvert(task);
  EXPECT_FALSE(changed.error);
  EXPECT_EQ(claim().value().id, task.id);
}

TEST_P(TaskStoreContract, TakesATaskFromItsWorkerByReconvert) {
  const Task task = make_in(State::PROCESSED);
  reconvert(task);
  const Task working = claim().value();
  reconvert(task);
  EXPECT_FALSE(commit(working));
  EXPECT_FALSE(stores_.queue.heartbeat(working.id, working.fence, lease, 0.5).value());
  const Task now = read(task).value();
  EXPECT_EQ(now.state, State::UPLOADED);
  EXPECT_EQ(now.generation, 3);
  EXPECT_EQ(describe(now.result.value()), describe(task.result.value()));
}

TEST_P(TaskStoreContract, CancelsOnceAndTellsWhatWas) {
  const Task task = make_in(State::PROCESSED);
  const auto was = stores_.tasks.cancel_task(task.id, user_).value();
  EXPECT_EQ(describe(was.value()), describe(task));
  EXPECT_FALSE(stores_.tasks.cancel_task(task.id, user_).value());
  EXPECT_FALSE(stores_.tasks.find_task(task.id, user_).value());
  EXPECT_TRUE(list({.user = user_}).empty());
  EXPECT_EQ(stores_.tasks.reconvert({task.id, user_, "flac", {}, 3}).error().code, ErrorCode::not_found);
}

TEST_P(TaskStoreContract, TakesATaskFromItsWorkerByCancel) {
  const Task task = make_in(State::PROCESSING);
  ASSERT_TRUE(stores_.tasks.cancel_task(task.id, user_).value());
  EXPECT_FALSE(commit(task));
  EXPECT_FALSE(fail(task, lease));
  EXPECT_FALSE(stores_.queue.give_back(task.id, task.fence).value());
  EXPECT_FALSE(stores_.queue.heartbeat(task.id, task.fence, lease, 0.5).value());
  EXPECT_EQ(state_of(task), State::CANCELED);
}

TEST_P(TaskStoreContract, ShowsOneProcessWhatAnotherWrote) {
  const Stores other = database_->connect();
  const Task task = add_task();
  EXPECT_EQ(describe(other.tasks.find_task(task.id, user_).value().value()), describe(task));
  ASSERT_TRUE(other.tasks.cancel_task(task.id, user_).value());
  EXPECT_FALSE(stores_.tasks.find_task(task.id, user_).value());
}

}  // namespace decant::contract
