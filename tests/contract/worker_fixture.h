#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/manual_clock.h"
#include "contract/counting_observer.h"
#include "contract/fake_broker.h"
#include "contract/fake_converter.h"
#include "contract/fake_database.h"
#include "contract/fake_object_store.h"
#include "contract/temporary_folder.h"
#include "contract/watched_queue.h"
#include "tasks/object_key.h"
#include "worker/attempt.h"
#include "worker/lease_keeper.h"

namespace decant::contract {

/// A converter that does what the test says; as the fake does until it is told.
class ScriptedConverter final : public tasks::Converter {
 public:
  using Script = std::function<Result<tasks::ConversionResult>(const tasks::ConversionJob&, const std::stop_token&)>;

  void play(Script script) { script_ = std::move(script); }

  [[nodiscard]] const tasks::FormatCatalog& formats() const override { return fake_.formats(); }
  Result<tasks::MediaInfo> probe(int input) override { return fake_.probe(input); }
  Result<tasks::ConversionResult> convert(const tasks::ConversionJob& job, const tasks::ProgressListener& on_progress,
                                          std::stop_token stop) override {
    return script_ ? script_(job, stop) : fake_.convert(job, on_progress, stop);
  }

  static Result<tasks::ConversionResult> succeed(const tasks::ConversionJob& job) {
    return FakeConverter().convert(job, [](double) {}, {});
  }

 private:
  FakeConverter fake_;
  Script script_;
};

class WorkerFixture : public testing::Test {
 protected:
  using Call = WatchedQueue::Call;
  using Fate = WatchedQueue::Fate;

  WorkerFixture() {
    attempt_options_.spool_folder = spool_.path();
    attempt_options_.settle_pause = std::chrono::milliseconds(0);
  }

  /// An uploaded task, its source in the store.
  tasks::TaskId upload() { return upload(make_task()); }
  tasks::TaskId upload(const tasks::Task& task) {
    objects_.insert(task.source.key, "fake audio");
    EXPECT_TRUE(database_.insert_task({task}));
    return task.id;
  }
  tasks::Task make_task() {
    tasks::Task task;
    task.id = tasks::TaskId::make(clock_.wall_now());
    task.user = user_;
    task.target = "mp3";
    task.max_attempts = 3;
    task.source.key = tasks::make_source_key(task.id, "wav");
    return task;
  }
  tasks::Task get(const tasks::TaskId& id) { return database_.find_task(id, user_).value().value(); }
  void reconvert(const tasks::TaskId& id) { EXPECT_TRUE(database_.reconvert({id, user_, "mp3", {}, 3})); }
  void cancel(const tasks::TaskId& id) { EXPECT_TRUE(database_.cancel_task(id, user_).value()); }
  bool is_canceled(const tasks::TaskId& id) { return !database_.find_task(id, user_).value(); }

  /// All objects but the sources.
  std::vector<std::string> results() const {
    std::vector<std::string> keys = objects_.keys();
    std::erase_if(keys, [](const std::string& key) { return key.starts_with("sources/"); });
    return keys;
  }

  tasks::UserId add_user() {
    tasks::User user;
    user.id = tasks::UserId::make(clock_.wall_now());
    user.email = "ada@example.org";
    EXPECT_TRUE(database_.insert_user(user));
    return user.id;
  }

  ManualClock clock_;
  TemporaryFolder spool_;
  FakeDatabase database_{clock_};
  tasks::UserId user_ = add_user();
  WatchedQueue queue_{database_};
  FakeObjectStore objects_{clock_};
  FakeBroker broker_;
  ScriptedConverter converter_;
  CountingObserver observer_;
  Logger logger_{LogLevel::error, LogFormat::text};
  worker::Parts parts_{queue_, objects_, broker_, converter_, observer_, clock_, logger_};
  worker::AttemptOptions attempt_options_;
  worker::LeaseOptions lease_options_;
};

}  // namespace decant::contract
