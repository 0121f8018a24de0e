#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>

#include "base/manual_clock.h"
#include "tasks/direct_upload_store.h"
#include "tasks/outbox.h"
#include "tasks/task_changes.h"
#include "tasks/task_store.h"
#include "tasks/user_store.h"
#include "tasks/work_view.h"

namespace decant::contract {

/// The ports of one database as one process sees them.
struct Stores {
  tasks::TaskStore& tasks;
  tasks::DirectUploadStore& uploads;
  tasks::TaskQueue& queue;
  tasks::SweepStore& sweep;
  tasks::TaskChanges& changes;
  tasks::Outbox& outbox;
  tasks::UserStore& users;
  tasks::QueueStatsSource& stats;
  tasks::WorkView& work;
};

/// An empty database of its own, opened so that rings are written.
class DatabaseUnderTest {
 public:
  virtual ~DatabaseUnderTest() = default;
  /// As a further process opens it. Lives as long as the database.
  virtual Stores connect() = 0;
};

using MakeDatabase = std::function<std::unique_ptr<DatabaseUnderTest>(ManualClock&)>;

/// All fields, for comparison of whole tasks with a readable difference.
inline std::string describe(const tasks::StoredFile& file) {
  return fmt::format("{} {} {} {} {}", file.key, file.size, file.sha256, file.mime_type, file.extension);
}
inline std::string describe(const tasks::Task& task) {
  return fmt::format(
      "id {}\nuser {}\ncreated {}\nupdated {}\nname {}\ntarget {}\noptions {}\nstate {}\ngeneration {}\nfence {}\n"
      "attempts {}/{}\nnot_before {}\nprogress {}\nerror {}\nmedia {}\nsource {}\nresult {}\nreport {}\nresult_target "
      "{}\ntrace {}\n",
      task.id.text(), task.user.text(), to_iso8601(task.created), to_iso8601(task.updated), task.name, task.target,
      to_json(task.options), to_string(task.state), task.generation, task.fence, task.attempts, task.max_attempts,
      to_iso8601(task.not_before), task.progress, task.error ? task.error->message : "none", task.media,
      describe(task.source), task.result ? describe(*task.result) : "none", task.report, task.result_target,
      task.trace.text());
}

/// What the suites of the database ports share. The parameter makes the database.
class StoreContract : public testing::TestWithParam<MakeDatabase> {
 protected:
  using State = tasks::State;
  using Task = tasks::Task;
  static constexpr std::chrono::milliseconds lease{30'000};
  static constexpr std::chrono::milliseconds tick{1};
  static constexpr int max_attempts = 3;

  StoreContract() : database_(GetParam()(clock_)), stores_(database_->connect()), user_(add_user("ada")) {}

  tasks::UserId add_user(const std::string& name) {
    tasks::User user;
    user.id = tasks::UserId::make(clock_.wall_now());
    user.name = name;
    user.email = name + "@example.org";
    user.password_hash = "$argon2id$";
    user.created = clock_.wall_now();
    EXPECT_TRUE(stores_.users.insert_user(user));
    return user.id;
  }

  tasks::NewTask make_new_task(ByteCount size = 1000) {
    Task task;
    task.id = tasks::TaskId::make(clock_.wall_now());
    task.user = user_;
    task.name = "song.wav";
    task.target = "mp3";
    task.options.bitrate = 192'000;
    task.max_attempts = max_attempts;
    task.media = R"({"container":"wav"})";
    task.source = {"sources/" + task.id.text() + "/a.wav", size, "00ff", "audio/wav", "wav"};
    task.trace = TraceContext::begin();
    return {task, 0};
  }
  Task add_task(ByteCount size = 1000) { return stores_.tasks.insert_task(make_new_task(size)).value(); }

  std::optional<Task> claim() { return claim_as({.wanted = {}, .worker = "worker", .lease = lease}); }
  std::optional<Task> claim(const Task& task) {
    return claim_as({.wanted = tasks::TaskRef{task.id, task.generation}, .worker = "worker", .lease = lease});
  }
  std::optional<Task> claim_as(const tasks::ClaimRequest& request) {
    const auto claimed = stores_.queue.claim(request).value();
    return claimed ? std::optional(claimed->task) : std::nullopt;
  }

  static tasks::TaskQueue::Commit make_commit(const Task& task, ByteCount size = 300) {
    const std::string key = fmt::format("results/{}/{}-x.mp3", task.id.text(), task.fence);
    return {task.id, task.fence, {key, size, "11ee", "audio/mpeg", "mp3"}, R"({"notes":[]})"};
  }
  bool commit(const Task& task, ByteCount size = 300) {
    std::string replaced;
    return stores_.queue.commit(make_commit(task, size), replaced).value();
  }
  bool fail(const Task& task, std::optional<std::chrono::milliseconds> pause = std::nullopt) {
    return stores_.queue.fail(task.id, task.fence, {ErrorCode::unprocessable, "it broke"}, pause).value();
  }
  Task reconvert(const Task& task) {
    return stores_.tasks.reconvert({task.id, task.user, "flac", {}, max_attempts}).value();
  }

  /// The row, whether or not its owner may see it; nothing when it is purged.
  std::optional<Task> read(const Task& task) {
    if (auto found = stores_.tasks.find_task(task.id, task.user).value()) return found;
    for (const Task& canceled : stores_.sweep.list_canceled(1000).value()) {
      if (canceled.id == task.id) return canceled;
    }
    return std::nullopt;
  }
  State state_of(const Task& task) { return read(task).value().state; }

  /// A new task in that state.
  Task make_in(State state) {
    const Task task = add_task();
    if (state == State::UPLOADED) return task;
    if (state == State::CANCELED) {
      EXPECT_TRUE(stores_.tasks.cancel_task(task.id, user_).value());
      return read(task).value();
    }
    const Task claimed = claim(task).value();
    if (state == State::PROCESSED) EXPECT_TRUE(commit(claimed));
    if (state == State::FAILED) EXPECT_TRUE(fail(claimed));
    return read(task).value();
  }

  /// Runs `body(i)` on so many threads at once.
  static void run_threads(int count, const std::function<void(int)>& body) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
  }

  ManualClock clock_;
  std::unique_ptr<DatabaseUnderTest> database_;
  Stores stores_;
  tasks::UserId user_;
};

}  // namespace decant::contract
