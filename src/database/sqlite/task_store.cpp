#include "database/sqlite/task_store.h"

#include "database/sqlite/task_store_sql.h"

namespace decant::database::sqlite {
namespace {

// Before and behind every id in their text form.
constexpr std::string_view lowest_id = "";
constexpr std::string_view highest_id = "~";

/// The task that the key stands for; else the key is free from now on.
Result<std::optional<tasks::Task>> take_key(Connection& connection, const tasks::UserId& user, const std::string& key) {
  {
    DECANT_TRY(Statement statement, connection.prepare(sql::find_task_by_key));
    statement.bind(user, key, tasks::idempotency_window);
    DECANT_TRY(auto first, next_task(statement));
    if (first) return first;
  }
  DECANT_CHECK(connection.change(sql::free_key, user, key));
  return std::nullopt;
}

}  // namespace

Result<void> TaskStore::check_room(Connection& connection, const tasks::UserId& user, ByteCount bytes,
                                   ByteCount quota) {
  DECANT_TRY(Statement statement, connection.prepare(sql::find_storage));
  statement.bind(user);
  DECANT_TRY(const bool found, statement.step());
  if (!found) return failure(ErrorCode::unauthenticated, "This account does not exist or is disabled.");
  if (quota > 0 && bytes > quota - statement.integer(0)) {
    return failure(ErrorCode::quota_exceeded,
                   "Your files would take more room than your account has: delete some first.");
  }
  return {};
}

Result<tasks::Task> TaskStore::insert_row(Connection& connection, const tasks::NewTask& task) const {
  const tasks::Task& given = task.task;
  DECANT_TRY(Statement statement, connection.prepare(sql::insert_task));
  statement.bind(given.id, given.user, given.name, given.target, to_json(given.options), given.max_attempts,
                 given.media, given.source.key, given.source.size, given.source.sha256, given.source.mime_type,
                 given.source.extension, task.idempotency_key, given.trace.text());
  if (given.cover) statement.bind(given.cover->size, given.cover->sha256);
  DECANT_CHECK(statement.step());
  DECANT_TRY(tasks::Task inserted, read_task(statement));
  DECANT_CHECK(outbox_.add(connection, inserted.id));
  return inserted;
}

Result<std::optional<tasks::Task>> TaskStore::find_task(const tasks::TaskId& id, const tasks::UserId& user) {
  return readers_.run([&](Connection& connection) -> Result<std::optional<tasks::Task>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::find_task));
    statement.bind(id, user);
    return next_task(statement);
  });
}

Result<std::vector<tasks::Task>> TaskStore::list_tasks(const tasks::ListQuery& query) {
  const bool oldest_first = query.order == tasks::Order::oldest_first;
  const std::string_view of_all = oldest_first ? sql::list_oldest_first : sql::list_newest_first;
  const std::string_view of_state = oldest_first ? sql::list_state_oldest_first : sql::list_state_newest_first;
  const std::string_view after = query.after    ? std::string_view(query.after->text())
                                 : oldest_first ? lowest_id
                                                : highest_id;
  const int limit = std::max(query.max, 0);  // below zero, SQLite knows no limit
  return readers_.run([&](Connection& connection) -> Result<std::vector<tasks::Task>> {
    DECANT_TRY(Statement statement, connection.prepare(query.state ? of_state : of_all));
    statement.bind(query.user, after, limit);
    if (query.state) statement.bind(to_string(*query.state));
    return all_tasks(statement);
  });
}

Result<tasks::Task> TaskStore::insert_task(const tasks::NewTask& task) {
  return writer_.run([&](Connection& connection) -> Result<tasks::Task> {
    const tasks::Task& given = task.task;
    if (!task.idempotency_key.empty()) {
      DECANT_TRY(auto first, take_key(connection, given.user, task.idempotency_key));
      if (first) return *std::move(first);
    }
    DECANT_CHECK(check_room(connection, given.user, given.uploaded_bytes(), task.quota));
    return insert_row(connection, task);
  });
}

Result<tasks::Task> TaskStore::reconvert(const tasks::Reconversion& change) {
  return writer_.run([&](Connection& connection) -> Result<tasks::Task> {
    DECANT_TRY(Statement statement, connection.prepare(sql::reconvert));
    statement.bind(change.task, change.user, change.target, to_json(change.options), change.max_attempts,
                   change.trace.text());
    DECANT_TRY(auto task, next_task(statement));
    if (!task) return failure(ErrorCode::not_found, "There is no such task.");
    DECANT_CHECK(outbox_.add(connection, task->id));
    return *std::move(task);
  });
}

Result<std::optional<tasks::Task>> TaskStore::cancel_task(const tasks::TaskId& id, const tasks::UserId& user) {
  return writer_.run([&](Connection& connection) -> Result<std::optional<tasks::Task>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::find_task));
    statement.bind(id, user);
    DECANT_TRY(auto task, next_task(statement));
    DECANT_CHECK(connection.change(sql::cancel_task, id, user));
    return task;
  });
}

}  // namespace decant::database::sqlite
