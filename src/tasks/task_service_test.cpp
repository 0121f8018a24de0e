#include "tasks/task_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "contract/fake_broker.h"
#include "contract/fake_converter.h"
#include "contract/fake_database.h"
#include "contract/fake_object_store.h"
#include "tasks/result_files.h"

namespace decant::tasks {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A store whose answers can be lost.
class FaultyStore final : public TaskStore {
 public:
  explicit FaultyStore(TaskStore& store) : store_(store) {}

  enum class Fault { none, before_commit, before_commit_once, after_commit, away };
  Fault fault = Fault::none;

  Result<std::optional<Task>> find_task(const TaskId& id, const UserId& user) override {
    if (fault == Fault::away) return failure(ErrorCode::unavailable, "away");
    return store_.find_task(id, user);
  }
  Result<std::vector<Task>> list_tasks(const ListQuery& query) override { return store_.list_tasks(query); }
  std::optional<std::int64_t> list_version() override { return store_.list_version(); }
  Result<Task> insert_task(const NewTask& task) override {
    if (fault == Fault::none) return store_.insert_task(task);
    if (fault == Fault::after_commit) EXPECT_TRUE(store_.insert_task(task));
    if (fault == Fault::after_commit || fault == Fault::before_commit_once) fault = Fault::none;
    return failure(ErrorCode::unavailable, "the answer was lost");
  }
  Result<Task> reconvert(const Reconversion& change) override { return store_.reconvert(change); }
  Result<std::optional<Task>> cancel_task(const TaskId& id, const UserId& user) override {
    return store_.cancel_task(id, user);
  }

 private:
  TaskStore& store_;
};

/// A bell that is away.
class DeafBell final : public Bell {
 public:
  Result<void> ring(const TaskRef&) override { return failure(ErrorCode::unavailable, "away"); }
};

/// As much of a JPEG picture as is looked at.
const std::string picture("\xFF\xD8\xFF\xC0\0\x0B\x08\0\x20\0\x40\1\1\x11\0\xFF\xD9", 17);

class TaskServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    user.id = UserId::make(clock.wall_now());
    user.name = "Ada";
    user.email = "ada@example.org";
    ASSERT_TRUE(database.insert_user(user));
  }

  Result<Task> submit(std::string_view content, Submission submission, const std::string& cover_content) {
    auto upload = Upload::make("/tmp", 1 << 20);
    auto cover = Upload::make("/tmp", 1 << 20);
    EXPECT_TRUE(upload && upload->append(std::as_bytes(std::span(content))));
    EXPECT_TRUE(cover && cover->append(std::as_bytes(std::span(cover_content))));
    submission.user = user.id;
    return service.submit(submission, *upload, &*cover);
  }
  Result<Task> submit(std::string_view content, Submission submission) {
    auto upload = Upload::make("/tmp", 1 << 20);
    EXPECT_TRUE(upload && upload->append(std::as_bytes(std::span(content))));
    submission.user = user.id;
    return service.submit(submission, *upload);
  }
  Result<Task> submit(std::string_view content) { return submit(content, {.name = "a.mp3", .target = "wav"}); }

  ManualClock clock;
  Logger log{LogLevel::error, LogFormat::text};
  contract::FakeDatabase database{clock};
  contract::FakeObjectStore objects{clock};
  contract::FakeBroker broker;
  contract::FakeConverter converter;
  FaultyStore store{database};
  User user;
  TaskService service{{.max_attempts = 3, .quota = 100}, {store, objects, broker, converter, clock, log}};
};

TEST_F(TaskServiceTest, ASubmissionIsStoredThenRung) {
  const auto task = submit("fake audio", {.name = "a\n.mp3", .target = ".WAVE", .options = {.channels = 1}});
  ASSERT_TRUE(task) << task.error().describe();
  EXPECT_EQ(task->state, State::UPLOADED);
  EXPECT_EQ(task->name, "a.mp3");
  EXPECT_EQ(task->target, "wav");
  EXPECT_EQ(task->options.channels, 1);
  EXPECT_EQ(task->max_attempts, 3);
  EXPECT_EQ(task->source.size, 10);
  EXPECT_EQ(task->source.sha256, "72401f193251f177a310936253acb57e91e29d2aa582093974351e65e267bb32");
  EXPECT_EQ(task->source.extension, "mp3");
  EXPECT_TRUE(parse_media_info_json(task->media));
  EXPECT_THAT(objects.keys(), ElementsAre(task->source.key));
  EXPECT_EQ(objects.content(task->source.key), "fake audio");
  EXPECT_EQ(broker.rings(), 1);
}

TEST_F(TaskServiceTest, ACoverIsStoredBesideTheSource) {
  const auto task = submit("fake audio", {.name = "a.mp3", .target = "wav"}, picture);
  ASSERT_TRUE(task) << task.error().describe();
  ASSERT_TRUE(task->cover);
  EXPECT_EQ(task->cover->size, std::ssize(picture));
  EXPECT_EQ(objects.content(make_cover_key(task->source.key)), picture);
  EXPECT_EQ(objects.content(task->source.key), "fake audio");
  ASSERT_TRUE(service.forget(task->id, user.id));
  EXPECT_THAT(objects.keys(), IsEmpty());
}

TEST_F(TaskServiceTest, ACoverThatIsRefusedLeavesNothing) {
  EXPECT_EQ(submit("fake audio", {.target = "wav"}, "<svg/>").error().code, ErrorCode::unsupported_media);
  EXPECT_EQ(submit("fake audio", {.target = "wav"}, picture + std::string(100, 'x') + picture).error().code,
            ErrorCode::quota_exceeded)
      << "it counts, too";
  Submission without{.target = "wav"};
  without.options.metadata.pictures = Keep::drop;
  const auto refused = submit("fake audio", without, picture);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields.at(0).field, "cover");
  EXPECT_THAT(objects.keys(), IsEmpty());
}

TEST_F(TaskServiceTest, OneKeyMakesOneTaskOfOneCover) {
  const Submission again{.target = "wav", .idempotency_key = "k"};
  const auto first = submit("fake audio", again, picture);
  ASSERT_TRUE(first);
  EXPECT_EQ(submit("fake audio", again, picture)->id, first->id);
  EXPECT_EQ(submit("fake audio", again).error().code, ErrorCode::unprocessable);
  EXPECT_EQ(objects.keys().size(), 2U);
}

TEST_F(TaskServiceTest, AMissingNameIsMade) {
  EXPECT_EQ(submit("fake audio", {.name = "\x01", .target = "wav"})->name, "audio.mp3");
}

TEST_F(TaskServiceTest, WhatIsRefusedLeavesNothing) {
  const auto refused = [&](std::string_view content, Submission submission) {
    const auto task = submit(content, std::move(submission));
    EXPECT_FALSE(task);
    EXPECT_THAT(objects.keys(), IsEmpty());
    EXPECT_EQ(broker.rings(), 0);
    EXPECT_THAT(database.list_tasks({.user = user.id}).value(), IsEmpty());
    return task ? ErrorCode::internal : task.error().code;
  };
  EXPECT_EQ(refused("", {.target = "wav"}), ErrorCode::unsupported_media);
  EXPECT_EQ(refused("some text", {.target = "wav"}), ErrorCode::unsupported_media);
  EXPECT_EQ(refused("fake silence", {.target = "wav"}), ErrorCode::unprocessable);
  EXPECT_EQ(refused("fake audio", {.target = "xyz"}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused("fake audio", {.target = "wav", .options = {.bitrate = 192000}}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused("fake audio" + std::string(91, ' '), {.target = "wav"}), ErrorCode::quota_exceeded);
  objects.fail_puts(Error{ErrorCode::quota_exceeded, "the disk is full"});
  EXPECT_EQ(refused("fake audio", {.target = "wav"}), ErrorCode::quota_exceeded);
}

TEST_F(TaskServiceTest, OneKeyMakesOneTaskOfOneFile) {
  const Submission with_key{.name = "a.mp3", .target = "wav", .idempotency_key = "key"};
  const auto first = submit("fake audio", with_key);
  const auto again = submit("fake audio", with_key);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(submit("fake audio, another", with_key).error().code, ErrorCode::unprocessable);
  EXPECT_THAT(objects.keys(), ElementsAre(first->source.key));
  EXPECT_EQ(broker.rings(), 1);
}

TEST_F(TaskServiceTest, ALostAnswerToTheInsertLosesNoTask) {
  store.fault = FaultyStore::Fault::after_commit;
  const auto task = submit("fake audio");
  ASSERT_TRUE(task) << "it is there: say so";
  EXPECT_THAT(objects.keys(), ElementsAre(task->source.key));
  EXPECT_EQ(broker.rings(), 1);
}

TEST_F(TaskServiceTest, ADatabaseThatHungUpIsAskedAgain) {
  store.fault = FaultyStore::Fault::before_commit_once;
  const auto task = submit("fake audio");
  ASSERT_TRUE(task) << "a restart costs nobody the upload";
  EXPECT_THAT(objects.keys(), ElementsAre(task->source.key));
  EXPECT_EQ(broker.rings(), 1);
}

TEST_F(TaskServiceTest, AnObjectStoreThatIsAwayIsNotAskedOnceMore) {
  objects.fail_puts(Error{ErrorCode::unavailable, "away"});
  EXPECT_EQ(submit("fake audio").error().code, ErrorCode::unavailable);
  EXPECT_EQ(objects.removes(), 0) << "the client would wait for that, too";
}

TEST_F(TaskServiceTest, ABrokerThatIsAwayLosesNoTask) {
  DeafBell deaf;
  Logger quiet(LogLevel::error, LogFormat::text);
  TaskService alone({}, {store, objects, deaf, converter, clock, quiet});
  auto upload = Upload::make("/tmp", 100);
  const std::string content = "fake audio";
  ASSERT_TRUE(upload && upload->append(std::as_bytes(std::span(content))));
  const auto task = alone.submit({.user = user.id, .name = "a.mp3", .target = "wav"}, *upload);
  ASSERT_TRUE(task);
  EXPECT_TRUE(alone.reconvert(task->id, user.id, "mp3", {}));
  EXPECT_EQ(database.time_to_next_ready().value(), std::chrono::milliseconds(0)) << "the sweep will ring for it";
}

TEST_F(TaskServiceTest, AFileWhoseRowIsInDoubtIsLeftToTheSweep) {
  store.fault = FaultyStore::Fault::away;
  EXPECT_EQ(submit("fake audio").error().code, ErrorCode::unavailable);
  EXPECT_EQ(objects.keys().size(), 1U);
}

TEST_F(TaskServiceTest, AFileWhoseRowMayStillComeIsLeftToTheSweep) {
  store.fault = FaultyStore::Fault::before_commit;
  EXPECT_EQ(submit("fake audio").error().code, ErrorCode::unavailable);
  EXPECT_EQ(objects.keys().size(), 1U) << "the database may be at the commit yet";
}

TEST_F(TaskServiceTest, ReconvertChecksTheFormatAndRings) {
  const auto task = submit("fake audio");
  ASSERT_TRUE(task);
  EXPECT_EQ(service.reconvert(task->id, user.id, "xyz", {}).error().fields.front().field, "newFormat");
  EXPECT_EQ(service.reconvert(task->id, user.id, "mp3", {.sample_rate = 12345}).error().fields.front().field,
            "sampleRate");
  const auto changed = service.reconvert(task->id, user.id, "mp3", {.bitrate = 128000});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->target, "mp3");
  EXPECT_EQ(changed->generation, task->generation + 1);
  EXPECT_EQ(broker.rings(), 2);
}

TEST_F(TaskServiceTest, ATaskIsInTheTraceOfWhoAskedForIt) {
  const TraceContext first = TraceContext::begin();
  const auto task = submit("fake audio", {.target = "wav", .idempotency_key = "k", .trace = first});
  ASSERT_TRUE(task);
  EXPECT_EQ(task->trace, first);
  EXPECT_EQ(submit("fake audio", {.target = "wav", .idempotency_key = "k", .trace = TraceContext::begin()})->trace,
            first)
      << "the same request again makes nothing";
  const TraceContext second = TraceContext::begin();
  EXPECT_EQ(service.reconvert(task->id, user.id, "mp3", {}, second)->trace, second);
}

TEST_F(TaskServiceTest, ForgettingHidesTheTaskAndRemovesItsFiles) {
  const auto task = submit("fake audio");
  ASSERT_TRUE(task);
  ASSERT_TRUE(service.forget(task->id, user.id));
  EXPECT_THAT(objects.keys(), IsEmpty());
  EXPECT_EQ(service.get_task(task->id, user.id).error().code, ErrorCode::not_found);
  EXPECT_EQ(service.forget(task->id, user.id).error().code, ErrorCode::not_found);
  EXPECT_EQ(service.reconvert(task->id, user.id, "mp3", {}).error().code, ErrorCode::not_found);
}

TEST_F(TaskServiceTest, FilesThatCannotBeRemovedNowAreLeftToTheSweep) {
  const auto task = submit("fake audio");
  ASSERT_TRUE(task);
  objects.fail_removes(Error{ErrorCode::unavailable, "away"});
  EXPECT_TRUE(service.forget(task->id, user.id));
  EXPECT_EQ(database.list_canceled(10)->size(), 1U);
}

TEST_F(TaskServiceTest, AnothersTaskIsNotFound) {
  const auto task = submit("fake audio");
  ASSERT_TRUE(task);
  const UserId other = UserId::make(clock.wall_now());
  const auto missing = service.get_task(TaskId::make(clock.wall_now()), user.id);
  for (const Error& error :
       {service.get_task(task->id, other).error(), service.reconvert(task->id, other, "mp3", {}).error(),
        service.forget(task->id, other).error()}) {
    EXPECT_EQ(error.describe(), missing.error().describe());
  }
  EXPECT_EQ(objects.keys().size(), 1U);
}

TEST(Upload, RefusesMoreThanItsMost) {
  auto upload = Upload::make("/tmp", 4);
  ASSERT_TRUE(upload);
  const std::string text = "abc";
  EXPECT_TRUE(upload->append(std::as_bytes(std::span(text))));
  EXPECT_EQ(upload->append(std::as_bytes(std::span(text))).error().code, ErrorCode::too_large);
  EXPECT_EQ(upload->size(), 3);
  EXPECT_EQ(upload->finish_sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace decant::tasks
