#include "tasks/direct_uploads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "contract/fake_broker.h"
#include "contract/fake_converter.h"
#include "contract/fake_database.h"
#include "contract/fake_object_store.h"

namespace decant::tasks {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A store whose answers can be lost.
class FaultyUploads final : public DirectUploadStore {
 public:
  explicit FaultyUploads(DirectUploadStore& store) : store_(store) {}

  enum class Fault { none, before_commit, after_commit };
  Fault fault = Fault::none;

  Result<void> insert_upload(const NewDirectUpload& upload) override { return store_.insert_upload(upload); }
  Result<std::optional<DirectUpload>> find_upload(const TaskId& id, const UserId& user) override {
    return store_.find_upload(id, user);
  }
  Result<std::optional<Task>> turn_into_task(const Task& task) override {
    if (fault == Fault::none) return store_.turn_into_task(task);
    if (fault == Fault::after_commit) EXPECT_TRUE(store_.turn_into_task(task));
    return failure(ErrorCode::unavailable, "the answer was lost");
  }
  Result<void> give_up(const TaskId& id) override { return store_.give_up(id); }

 private:
  DirectUploadStore& store_;
};

const std::string content = "fake audio";
const std::string content_sha256 = "72401f193251f177a310936253acb57e91e29d2aa582093974351e65e267bb32";

class DirectUploadsTest : public ::testing::Test {
 protected:
  DirectUploadsTest() {
    objects.give_links("https://store.example/");
    user.id = UserId::make(clock.wall_now());
    user.email = "ada@example.org";
    EXPECT_TRUE(database.insert_user(user));
  }

  Announcement announcement() const {
    return {.user = user.id,
            .name = "a\n.mp3",
            .size = std::ssize(content),
            .sha256 = content_sha256,
            .target = ".WAVE",
            .options = {.channels = 1}};
  }
  OpenUpload announce() {
    auto opened = uploads.announce(announcement());
    EXPECT_TRUE(opened) << opened.error().describe();
    return *std::move(opened);
  }
  void put(const OpenUpload& opened, const std::string& bytes = content) {
    objects.insert(opened.link.url.substr(std::string("https://store.example/").size()), bytes);
  }
  ErrorCode code_of_confirm(const OpenUpload& opened) { return uploads.confirm(opened.id, user.id).error().code; }

  ManualClock clock;
  Logger log{LogLevel::error, LogFormat::text};
  contract::FakeDatabase database{clock};
  contract::FakeObjectStore objects{clock};
  contract::FakeBroker broker;
  contract::FakeConverter converter;
  FaultyUploads store{database};
  User user;
  TaskService service{{.max_attempts = 3, .quota = 100}, {database, objects, broker, converter, clock, log}};
  DirectUploads uploads{{.quota = 100, .most = 50, .most_open = 5},
                        {service, store, database, objects, broker, converter, clock, log}};
};

TEST_F(DirectUploadsTest, WhatWasAnnouncedAndPutBecomesATask) {
  const OpenUpload opened = announce();
  EXPECT_THAT(opened.link.url, StartsWith("https://store.example/sources/" + opened.id.text() + "/"));
  EXPECT_EQ(opened.expires, clock.wall_now() + 15min);
  EXPECT_EQ(broker.rings(), 0);
  put(opened);
  const auto task = uploads.confirm(opened.id, user.id);
  ASSERT_TRUE(task) << task.error().describe();
  EXPECT_EQ(task->id, opened.id);
  EXPECT_EQ(task->state, State::UPLOADED);
  EXPECT_EQ(task->name, "a.mp3");
  EXPECT_EQ(task->target, "wav");
  EXPECT_EQ(task->options.channels, 1);
  EXPECT_EQ(task->max_attempts, 3);
  EXPECT_EQ(task->source.size, 10);
  EXPECT_EQ(task->source.sha256, content_sha256);
  EXPECT_EQ(task->source.mime_type, "audio/mpeg");
  EXPECT_EQ(task->source.extension, "mp3");
  EXPECT_TRUE(parse_media_info_json(task->media));
  EXPECT_EQ(objects.content(task->source.key), content);
  EXPECT_EQ(broker.rings(), 1);
}

TEST_F(DirectUploadsTest, ConfirmingAgainAnswersTheSameTask) {
  const OpenUpload opened = announce();
  put(opened);
  const TraceContext trace = TraceContext::begin();
  const Task first = uploads.confirm(opened.id, user.id, trace).value();
  EXPECT_EQ(first.trace, trace);
  const Task again = uploads.confirm(opened.id, user.id, TraceContext::begin()).value();
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.trace, trace);
  EXPECT_EQ(database.list_tasks({.user = user.id}).value().size(), 1U);
  ASSERT_TRUE(service.forget(first.id, user.id));
  EXPECT_EQ(code_of_confirm(opened), ErrorCode::not_found);
}

TEST_F(DirectUploadsTest, ALostAnswerIsNoSecondTask) {
  const OpenUpload opened = announce();
  put(opened);
  store.fault = FaultyUploads::Fault::before_commit;
  EXPECT_EQ(code_of_confirm(opened), ErrorCode::unavailable);
  store.fault = FaultyUploads::Fault::after_commit;
  EXPECT_EQ(uploads.confirm(opened.id, user.id).value().id, opened.id);
  store.fault = FaultyUploads::Fault::none;
  EXPECT_EQ(uploads.confirm(opened.id, user.id).value().id, opened.id);
  EXPECT_EQ(database.list_tasks({.user = user.id}).value().size(), 1U);
}

TEST_F(DirectUploadsTest, TheFileMustBeThereFirst) {
  const OpenUpload opened = announce();
  EXPECT_EQ(code_of_confirm(opened), ErrorCode::conflict);
  put(opened);
  EXPECT_TRUE(uploads.confirm(opened.id, user.id)) << "and may be confirmed when it is";
}

TEST_F(DirectUploadsTest, WhatIsNotAsAnnouncedIsRefused) {
  // A store that did not hold the client to its link.
  const OpenUpload longer = announce();
  put(longer, content + "!");
  EXPECT_EQ(code_of_confirm(longer), ErrorCode::unprocessable);
  const OpenUpload other = announce();
  put(other, "fake odiua");
  EXPECT_EQ(code_of_confirm(other), ErrorCode::unprocessable);
  EXPECT_THAT(database.list_tasks({.user = user.id}).value(), IsEmpty());
}

TEST_F(DirectUploadsTest, WhatIsNoAudioIsCountedOnlyUntilItsLinkEnds) {
  Announcement text = announcement();
  text.size = 4;
  text.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  const OpenUpload opened = uploads.announce(text).value();
  put(opened, "test");
  EXPECT_EQ(code_of_confirm(opened), ErrorCode::unsupported_media);
  EXPECT_EQ(code_of_confirm(opened), ErrorCode::unsupported_media);
  EXPECT_THAT(database.remove_expired_uploads(10).value(), IsEmpty()) << "the link could still bring it back";
  clock.advance(15min);
  EXPECT_EQ(database.remove_expired_uploads(10).value(), objects.keys());
}

TEST_F(DirectUploadsTest, AnotherUserConfirmsNothing) {
  const OpenUpload opened = announce();
  put(opened);
  const UserId eve = UserId::make(clock.wall_now());
  EXPECT_EQ(uploads.confirm(opened.id, eve).error().code, ErrorCode::not_found);
  EXPECT_TRUE(uploads.confirm(opened.id, user.id));
  EXPECT_EQ(uploads.confirm(opened.id, eve).error().code, ErrorCode::not_found);
}

TEST_F(DirectUploadsTest, WrongAnnouncementsNameTheField) {
  const auto field_of = [&](const Announcement& wrong) { return uploads.announce(wrong).error().fields.at(0).field; };
  for (const ByteCount size : {ByteCount{0}, ByteCount{-1}}) {
    Announcement wrong = announcement();
    wrong.size = size;
    EXPECT_EQ(field_of(wrong), "size");
  }
  for (const std::string& sha256 : {std::string(), std::string(63, 'a'), std::string(64, 'A'), std::string(64, '\n')}) {
    Announcement wrong = announcement();
    wrong.sha256 = sha256;
    EXPECT_EQ(field_of(wrong), "sha256");
  }
  Announcement wrong = announcement();
  wrong.target = "xyz";
  EXPECT_EQ(field_of(wrong), "newFormat");
  wrong = announcement();
  wrong.size = 51;
  EXPECT_EQ(uploads.announce(wrong).error().code, ErrorCode::too_large);
}

TEST_F(DirectUploadsTest, QuotaAndCountHold) {
  Announcement large = announcement();
  large.size = 50;
  const OpenUpload first = uploads.announce(large).value();
  ASSERT_TRUE(uploads.announce(large));
  EXPECT_EQ(uploads.announce(large).error().code, ErrorCode::quota_exceeded);
  clock.advance(15min + 1h);
  EXPECT_EQ(database.remove_expired_uploads(10).value().size(), 2U);
  EXPECT_EQ(code_of_confirm(first), ErrorCode::not_found);
  for (int i = 0; i < 5; ++i) announce();
  EXPECT_EQ(uploads.announce(announcement()).error().code, ErrorCode::rate_limited);
}

TEST_F(DirectUploadsTest, AStoreWithoutLinksSaysWhatToDo) {
  contract::FakeObjectStore plain(clock);
  DirectUploads without{{.most = 50}, {service, store, database, plain, broker, converter, clock, log}};
  const auto refused = without.announce(announcement());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("POST /api/tasks"));
}

}  // namespace
}  // namespace decant::tasks
