#include "database/postgresql/task_store.h"

#include "database/postgresql/task_store_sql.h"

namespace decant::database::postgresql {
namespace {

// Before and behind every id of version 7, which has its time in front.
constexpr std::string_view lowest_id = "00000000-0000-7000-8000-000000000000";
constexpr std::string_view highest_id = "ffffffff-ffff-7fff-bfff-ffffffffffff";

/// Why the one statement inserted nothing.
Failure refusal(const Result<Rows>& enabled_user) {
  if (!enabled_user) return Failure(enabled_user.error());
  if (enabled_user->count() == 0) {
    return failure(ErrorCode::unauthenticated, "This account does not exist or is disabled.");
  }
  return failure(ErrorCode::quota_exceeded,
                 "Your files would take more room than your account has: delete some first.");
}

/// The task that the key stands for; else the key is free from now on.
Result<std::optional<tasks::Task>> take_key(Connection& connection, const tasks::UserId& user, const std::string& key) {
  DECANT_TRY(const Rows rows, connection.query(sql::find_task_by_key, user, key, tasks::idempotency_window));
  DECANT_TRY(auto first, first_task(rows));
  if (!first) DECANT_CHECK(connection.change(sql::free_key, user, key));
  return first;
}

}  // namespace

Result<std::optional<tasks::Task>> TaskStore::find_task(const tasks::TaskId& id, const tasks::UserId& user) {
  return pool_.read([&](Connection& connection) -> Result<std::optional<tasks::Task>> {
    DECANT_TRY(const Rows rows, connection.query(sql::find_task, id, user));
    return first_task(rows);
  });
}

Result<std::vector<tasks::Task>> TaskStore::list_tasks(const tasks::ListQuery& query) {
  const bool oldest_first = query.order == tasks::Order::oldest_first;
  const std::string_view of_all = oldest_first ? sql::list_oldest_first : sql::list_newest_first;
  const std::string_view of_state = oldest_first ? sql::list_state_oldest_first : sql::list_state_newest_first;
  const std::string after(query.after ? std::string_view(query.after->text()) : oldest_first ? lowest_id : highest_id);
  const tasks::TaskId bound = tasks::TaskId::parse(after).value();
  const int limit = std::max(query.max, 0);
  return pool_.read([&](Connection& connection) -> Result<std::vector<tasks::Task>> {
    DECANT_TRY(const Rows rows, query.state
                                    ? connection.query(of_state, query.user, bound, limit, to_string(*query.state))
                                    : connection.query(of_all, query.user, bound, limit));
    return all_tasks(rows);
  });
}

Result<tasks::Task> TaskStore::insert(Connection& connection, const tasks::NewTask& task) const {
  const tasks::Task& given = task.task;
  const auto cover_size = given.cover ? std::optional(given.cover->size) : std::nullopt;
  const auto cover_sha256 = given.cover ? std::optional(given.cover->sha256) : std::nullopt;
  DECANT_TRY(const Rows rows,
             connection.query(sql::insert_task, given.id, given.user, given.name, given.target, to_json(given.options),
                              given.max_attempts, given.media, given.source.key, given.source.size, given.source.sha256,
                              given.source.mime_type, given.source.extension, task.idempotency_key, cover_size,
                              cover_sha256, task.quota, given.uploaded_bytes(), rings_, given.trace.text()));
  if (rows.count() == 0) return refusal(connection.query(sql::is_enabled, given.user));
  return read_task(rows[0]);
}

Result<tasks::Task> TaskStore::insert_task(const tasks::NewTask& task) {
  return pool_.run([&](Connection& connection) -> Result<tasks::Task> {
    if (task.idempotency_key.empty()) return insert(connection, task);
    DECANT_TRY(Transaction transaction, Transaction::begin(connection));
    // Of two requests with one key, the second waits here and then finds the first one's task.
    DECANT_CHECK(connection.change(sql::lock_user, task.task.user));
    DECANT_TRY(auto first, take_key(connection, task.task.user, task.idempotency_key));
    if (first) return *std::move(first);
    DECANT_TRY(tasks::Task inserted, insert(connection, task));
    DECANT_CHECK(transaction.commit());
    return inserted;
  });
}

Result<tasks::Task> TaskStore::reconvert(const tasks::Reconversion& change) {
  return pool_.run([&](Connection& connection) -> Result<tasks::Task> {
    DECANT_TRY(const Rows rows,
               connection.query(sql::reconvert, change.task, change.user, change.target, to_json(change.options),
                                change.max_attempts, rings_, change.trace.text()));
    if (rows.count() == 0) return failure(ErrorCode::not_found, "There is no such task.");
    return read_task(rows[0]);
  });
}

Result<std::optional<tasks::Task>> TaskStore::cancel_task(const tasks::TaskId& id, const tasks::UserId& user) {
  return pool_.run([&](Connection& connection) -> Result<std::optional<tasks::Task>> {
    DECANT_TRY(Transaction transaction, Transaction::begin(connection));
    DECANT_TRY(const Rows rows, connection.query(sql::lock_task, id, user));
    DECANT_TRY(auto task, first_task(rows));
    if (!task) return task;
    DECANT_CHECK(connection.change(sql::cancel_task, id));
    DECANT_CHECK(transaction.commit());
    return task;
  });
}

}  // namespace decant::database::postgresql
