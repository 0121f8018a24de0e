#include "tasks/sweep.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/manual_clock.h"
#include "contract/fake_broker.h"
#include "contract/fake_database.h"
#include "contract/fake_object_store.h"
#include "tasks/object_key.h"
#include "tasks/result_files.h"

namespace decant::tasks {
namespace {

using namespace std::chrono_literals;

class SweepTest : public testing::Test {
 protected:
  SweepTest() {
    User user;
    user.id = user_;
    EXPECT_TRUE(database_.insert_user(user));
  }

  TaskId upload(std::optional<Cover> cover = {}) {
    Task task;
    task.id = TaskId::make(clock_.wall_now());
    task.user = user_;
    task.target = "mp3";
    task.max_attempts = 2;
    task.source.key = make_source_key(task.id, "wav");
    task.cover = std::move(cover);
    objects_.insert(task.source.key, "source");
    EXPECT_TRUE(database_.insert_task({task}));
    return task.id;
  }
  Claim claim() { return database_.claim({.lease = lease}).value().value(); }
  void process() {
    const Claim claimed = claim();
    const std::string key = make_result_key(claimed.task.id, claimed.task.fence, "mp3");
    objects_.insert(key, "result");
    std::string replaced;
    EXPECT_TRUE(database_.commit({claimed.task.id, claimed.task.fence, {.key = key}, "{}"}, replaced).value());
  }
  Sweeper make_sweeper() { return {options_, database_, objects_, broker_, clock_, logger_}; }
  SweepSummary sweep() { return make_sweeper().sweep_once(); }
  bool is_known(const TaskId& id) { return database_.find_task(id, user_).value().has_value(); }

  static constexpr std::chrono::milliseconds lease = 60s;

  ManualClock clock_;
  UserId user_ = UserId::make(clock_.wall_now());
  contract::FakeDatabase database_{clock_};
  contract::FakeObjectStore objects_{clock_};
  contract::FakeBroker broker_;
  Logger logger_{LogLevel::error, LogFormat::text};
  SweeperOptions options_;
};

TEST_F(SweepTest, RingsAgainForWhatNobodyCameFor) {
  upload();
  clock_.advance(options_.ring_again_after - 1ms);
  EXPECT_EQ(sweep().rung_again, 0);
  clock_.advance(1ms);
  EXPECT_EQ(sweep().rung_again, 1);
  EXPECT_EQ(database_.outbox_stats().value().waiting, 2);
}

TEST_F(SweepTest, EndsDirectUploadsThatNobodyConfirmed) {
  options_.batch = 2;
  for (int i = 0; i < 5; ++i) {
    DirectUpload announced;
    announced.id = TaskId::make(clock_.wall_now());
    announced.user = user_;
    announced.key = make_source_key(announced.id, "upload");
    EXPECT_TRUE(database_.insert_upload({.upload = announced, .most_open = 9, .link_lifetime = 15min, .grace = 24h}));
    objects_.insert(announced.key, "put");
  }
  clock_.advance(24h);
  EXPECT_EQ(sweep().uploads_expired, 0);
  EXPECT_EQ(objects_.keys().size(), 5U) << "no orphans, for they may be confirmed";
  clock_.advance(15min);
  EXPECT_EQ(sweep().uploads_expired, 5);
  EXPECT_TRUE(objects_.keys().empty());
}

TEST_F(SweepTest, ReleasesWhatALostWorkerHeldAndRings) {
  const TaskId id = upload();
  claim();
  clock_.advance(lease - 1ms);
  EXPECT_EQ(sweep().released, 0);
  clock_.advance(1ms);
  EXPECT_EQ(sweep().released, 1);
  EXPECT_EQ(broker_.rings(), 1);
  EXPECT_EQ(database_.find_task(id, user_).value()->state, State::UPLOADED);
}

TEST_F(SweepTest, FailsWhatLostItsLastWorker) {
  const TaskId id = upload();
  for (int i = 0; i < 2; ++i) {
    claim();
    clock_.advance(lease);
    sweep();
  }
  EXPECT_EQ(database_.find_task(id, user_).value()->state, State::FAILED);
  EXPECT_EQ(broker_.rings(), 1);
}

TEST_F(SweepTest, GoesThroughMoreThanOneBatch) {
  options_.batch = 3;
  for (int i = 0; i < 10; ++i) upload();
  for (int i = 0; i < 10; ++i) claim();
  clock_.advance(lease);
  EXPECT_EQ(sweep().released, 10);
  for (int i = 0; i < 10; ++i) process();
  options_.retention = 1h;
  clock_.advance(1h + 1ms);
  const SweepSummary summary = sweep();
  EXPECT_EQ(summary.expired, 10);
  EXPECT_EQ(summary.purged, 10);
  EXPECT_TRUE(objects_.keys().empty());
}

TEST_F(SweepTest, KeepsFinishedTasksForTheRetention) {
  const TaskId id = upload();
  process();
  clock_.advance(24h * 365);
  EXPECT_EQ(sweep().expired, 0) << "no retention is for ever";
  options_.retention = 24h * 365;
  EXPECT_EQ(sweep().expired, 0);
  clock_.advance(1ms);
  EXPECT_EQ(sweep().expired, 1);
  EXPECT_FALSE(is_known(id));
}

TEST_F(SweepTest, RemovesTheFilesOfCanceledTasksBeforeTheirRows) {
  const TaskId id = upload();
  process();
  ASSERT_TRUE(database_.cancel_task(id, user_).value());
  objects_.fail_removes(Error{ErrorCode::unavailable, "the store is away"});
  const SweepSummary failed = sweep();
  EXPECT_EQ(failed.purged, 0);
  EXPECT_EQ(failed.failed_steps, 1);
  EXPECT_EQ(database_.list_canceled(10).value().size(), 1U) << "else nobody would know of the files";
  objects_.fail_removes(std::nullopt);
  EXPECT_EQ(sweep().purged, 1);
  EXPECT_TRUE(objects_.keys().empty());
  EXPECT_TRUE(database_.list_canceled(10).value().empty());
}

TEST_F(SweepTest, RemovesOrphansAfterTheGraceOnly) {
  const TaskId id = upload();
  objects_.insert("sources/nobody/1.wav", "orphan");
  clock_.advance(options_.orphan_grace - 1ms);
  EXPECT_EQ(sweep().orphans_removed, 0);
  clock_.advance(1ms);
  EXPECT_EQ(sweep().orphans_removed, 1);
  EXPECT_EQ(objects_.keys(), std::vector{database_.find_task(id, user_).value()->source.key});
}

TEST_F(SweepTest, KeepsArtifactsAsLongAsTheirResult) {
  const TaskId id = upload();
  process();
  const std::string result = database_.find_task(id, user_).value()->result->key;
  objects_.insert(result + ".waveform.dat", "peaks");
  objects_.insert("results/nobody/1-a.mp3.spectrogram.png", "picture");
  clock_.advance(options_.orphan_grace);
  EXPECT_EQ(sweep().orphans_removed, 1);
  EXPECT_TRUE(objects_.content(result + ".waveform.dat"));
  ASSERT_TRUE(database_.cancel_task(id, user_).value());
  EXPECT_EQ(sweep().purged, 1);
  EXPECT_TRUE(objects_.keys().empty());
}

TEST_F(SweepTest, KeepsACoverAsLongAsItsSource) {
  const TaskId id = upload(Cover{.size = 7, .sha256 = "22ff"});
  const std::string cover = make_cover_key(database_.find_task(id, user_).value()->source.key);
  objects_.insert(cover, "picture");
  objects_.insert("sources/nobody/1.wav.cover", "picture");
  clock_.advance(options_.orphan_grace);
  EXPECT_EQ(sweep().orphans_removed, 1);
  EXPECT_TRUE(objects_.content(cover));
  ASSERT_TRUE(database_.cancel_task(id, user_).value());
  EXPECT_EQ(sweep().purged, 1);
  EXPECT_TRUE(objects_.keys().empty());
}

TEST_F(SweepTest, NeverTouchesAnObjectThatIsAboutToBeCommitted) {
  const TaskId id = upload();
  const Claim claimed = claim();
  const std::string key = make_result_key(id, claimed.task.fence, "mp3");
  objects_.insert(key, "result");
  clock_.advance(lease - 1ms);
  EXPECT_EQ(sweep().orphans_removed, 0);
  std::string replaced;
  ASSERT_TRUE(database_.commit({id, claimed.task.fence, {.key = key}, "{}"}, replaced).value());
  clock_.advance(24h);
  EXPECT_EQ(sweep().orphans_removed, 0);
  EXPECT_EQ(objects_.content(key), "result");
}

TEST_F(SweepTest, RemovesWhatDeadPutsLeftAfterTheGraceOnly) {
  sweep();
  EXPECT_EQ(objects_.unfinished_removed_before(), clock_.wall_now() - options_.orphan_grace);
}

TEST_F(SweepTest, ScansForOrphansOnlyNowAndThen) {
  Sweeper sweeper = make_sweeper();
  sweeper.sweep_once();
  objects_.insert("sources/nobody/1.wav", "orphan");
  options_.orphan_grace = 0ms;
  EXPECT_EQ(sweeper.sweep_once().orphans_removed, 0);
  clock_.advance(std::max(options_.orphan_scan_interval, SweeperOptions().orphan_grace));
  EXPECT_EQ(sweeper.sweep_once().orphans_removed, 1);
}

TEST_F(SweepTest, OneStepThatFailsKeepsNoOtherBack) {
  upload();
  claim();
  clock_.advance(lease);
  const TaskId canceled = upload();
  ASSERT_TRUE(database_.cancel_task(canceled, user_).value());
  objects_.fail_removes(Error{ErrorCode::unavailable, "the store is away"});
  const SweepSummary summary = sweep();
  EXPECT_EQ(summary.released, 1);
  EXPECT_EQ(summary.failed_steps, 1);
}

TEST_F(SweepTest, ASecondSweepHasNothingToDo) {
  upload();
  claim();
  clock_.advance(lease);
  ASSERT_TRUE(database_.cancel_task(upload(), user_).value());
  objects_.insert("sources/nobody/1.wav", "orphan");
  clock_.advance(options_.orphan_grace);
  sweep();
  const SweepSummary again = sweep();
  EXPECT_EQ(again.released + again.purged + again.orphans_removed + again.failed_steps, 0);
}

TEST_F(SweepTest, Pitfall9TwoAtOnceDoNoHarm) {
  std::vector<TaskId> kept;
  for (int i = 0; i < 20; ++i) kept.push_back(upload());
  for (int i = 0; i < 10; ++i) process();
  for (int i = 0; i < 10; ++i) claim();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(database_.cancel_task(upload(), user_).value());
  for (int i = 0; i < 10; ++i) objects_.insert(make_source_key(TaskId::make(clock_.wall_now()), "wav"), "orphan");
  clock_.advance(options_.orphan_grace);
  SweepSummary one;
  SweepSummary two;
  std::thread other([&] { one = sweep(); });
  two = sweep();
  other.join();
  EXPECT_EQ(one.released + two.released, 10);
  EXPECT_EQ(one.failed_steps + two.failed_steps, 0);
  EXPECT_EQ(objects_.keys().size(), 20U + 10U) << "20 sources and 10 results";
  for (const TaskId& id : kept) EXPECT_TRUE(is_known(id));
}

}  // namespace
}  // namespace decant::tasks
