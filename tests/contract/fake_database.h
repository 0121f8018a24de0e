#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tasks/direct_upload_store.h"
#include "tasks/outbox.h"
#include "tasks/task_changes.h"
#include "tasks/task_store.h"
#include "tasks/user_store.h"
#include "tasks/work_view.h"

namespace decant::contract {

/// All ports of a database in memory, rings written, for tests of what uses them; the contract suites hold it to the
/// same rules. Thread-safe.
class FakeDatabase final : public tasks::TaskStore,
                           public tasks::TaskQueue,
                           public tasks::DirectUploadStore,
                           public tasks::SweepStore,
                           public tasks::TaskChanges,
                           public tasks::Outbox,
                           public tasks::UserStore,
                           public tasks::QueueStatsSource,
                           public tasks::WorkView {
 public:
  explicit FakeDatabase(const Clock& clock) : clock_(clock) {}

  Result<std::optional<tasks::Task>> find_task(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<std::vector<tasks::Task>> list_tasks(const tasks::ListQuery& query) override;
  std::optional<std::int64_t> list_version() override;
  Result<tasks::Task> insert_task(const tasks::NewTask& task) override;
  Result<tasks::Task> reconvert(const tasks::Reconversion& change) override;
  Result<std::optional<tasks::Task>> cancel_task(const tasks::TaskId& id, const tasks::UserId& user) override;

  Result<std::optional<tasks::Claim>> claim(const tasks::ClaimRequest& request) override;
  Result<bool> heartbeat(const tasks::TaskId& id, std::int64_t fence, std::chrono::milliseconds lease,
                         double progress) override;
  Result<bool> commit(const Commit& commit, std::string& replaced) override;
  Result<bool> fail(const tasks::TaskId& id, std::int64_t fence, const tasks::TaskError& error,
                    std::optional<std::chrono::milliseconds> pause) override;
  Result<bool> give_back(const tasks::TaskId& id, std::int64_t fence) override;
  Result<std::optional<std::chrono::milliseconds>> time_to_next_ready() override;

  Result<void> insert_upload(const tasks::NewDirectUpload& upload) override;
  Result<std::optional<tasks::DirectUpload>> find_upload(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<std::optional<tasks::Task>> turn_into_task(const tasks::Task& task) override;
  Result<void> give_up(const tasks::TaskId& id) override;

  Result<std::vector<tasks::TaskRef>> release_expired_leases(int limit) override;
  Result<int> ring_again(std::chrono::milliseconds age, int limit) override;
  Result<int> cancel_older_than(std::chrono::milliseconds age, int limit) override;
  Result<std::vector<tasks::Task>> list_canceled(int limit) override;
  Result<void> purge(const tasks::TaskId& id) override;
  Result<std::vector<std::string>> remove_expired_uploads(int limit) override;
  Result<std::vector<std::string>> find_unreferenced(const std::vector<std::string>& keys) override;

  Result<tasks::ChangePosition> newest_position() override;
  Result<std::optional<tasks::TaskChange>> find_change(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<tasks::Changes> list_changes(const tasks::ChangeQuery& query) override;

  Result<std::vector<tasks::Ring>> take(int limit, std::chrono::milliseconds hold) override;
  Result<void> mark_published(std::span<const std::int64_t> ids) override;
  Result<tasks::OutboxStats> outbox_stats() override;

  Result<std::optional<tasks::User>> find_user(const tasks::UserId& id) override;
  Result<std::optional<tasks::User>> find_user_by_email(const std::string& email) override;
  Result<void> insert_user(const tasks::User& user) override;
  Result<bool> set_password(const tasks::UserId& id, const std::string& password_hash) override;
  Result<bool> disable_user(const tasks::UserId& id) override;
  Result<bool> enable_user(const tasks::UserId& id) override;
  Result<std::vector<tasks::User>> list_users() override;

  Result<tasks::QueueStats> queue_stats() override;

  Result<std::vector<tasks::RunningTask>> running_tasks(int limit) override;
  Result<std::vector<tasks::FailedTask>> failed_tasks(int limit) override;

 private:
  struct Row {
    tasks::Task task;
    WallTime lease_until{};  ///< while PROCESSING
    std::string idempotency_key = {};
    WallTime rung = {};  ///< when the last ring was written
    std::string worker = {};
    std::int64_t change = 0;
    std::optional<std::pair<tasks::State, std::int64_t>> counted = {};  ///< state and fence of that change
  };
  struct UploadRow {
    tasks::DirectUpload upload;
    WallTime link_until{};
    WallTime open_until{};
  };
  struct RingRow {
    tasks::Ring ring;
    WallTime created{};
    WallTime due{};
  };

  // All of these are called with the mutex held.
  [[nodiscard]] Row* find_visible(const tasks::TaskId& id, const tasks::UserId& user);
  [[nodiscard]] Row* find_claimed(const tasks::TaskId& id, std::int64_t fence);
  [[nodiscard]] Row* find_by_key(const tasks::UserId& user, const std::string& key);
  [[nodiscard]] bool is_enabled(const tasks::UserId& user) const;
  tasks::Task insert_row(const tasks::NewTask& given);
  [[nodiscard]] bool is_claimable(const Row& row) const;
  [[nodiscard]] ByteCount stored_bytes(const tasks::UserId& user) const;
  [[nodiscard]] WallTime now() const { return clock_.wall_now(); }
  /// Writes a ring when the task is UPLOADED.
  void ring(Row& row);
  /// Gives a number to each change since the last call.
  void count_changes();
  static tasks::TaskChange change_of(const Row& row);
  /// Leaves the row to whoever claims it next.
  void make_ready(tasks::Task& task, WallTime not_before) const;

  const Clock& clock_;
  std::mutex mutex_;
  std::vector<Row> rows_;  ///< in order of insertion
  std::vector<UploadRow> uploads_;
  std::vector<RingRow> rings_;  ///< in order of writing
  std::int64_t last_ring_ = 0;
  std::int64_t last_change_ = 0;
  std::map<tasks::UserId, tasks::User> users_;
};

}  // namespace decant::contract
