#include "database/sqlite/task_queue.h"

#include "database/sqlite/task_queue_sql.h"

namespace decant::database::sqlite {
Result<std::optional<tasks::Claim>> TaskQueue::claim(const tasks::ClaimRequest& request) {
  return writer_.run([&](Connection& connection) -> Result<std::optional<tasks::Claim>> {
    DECANT_TRY(Statement statement, connection.prepare(request.wanted ? sql::claim_wanted : sql::claim_oldest));
    statement.bind(request.lease, request.worker);
    if (request.wanted) statement.bind(request.wanted->task, request.wanted->generation);
    DECANT_TRY(auto task, next_task(statement));
    if (!task) return std::optional<tasks::Claim>();
    return std::optional(tasks::Claim{*std::move(task)});
  });
}

Result<bool> TaskQueue::heartbeat(const tasks::TaskId& id, std::int64_t fence, std::chrono::milliseconds lease,
                                  double progress) {
  return writer_.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const std::int64_t rows, connection.change(sql::heartbeat, id, fence, lease, progress));
    return rows == 1;
  });
}

Result<bool> TaskQueue::commit(const Commit& commit, std::string& replaced) {
  std::string old_result;
  const auto committed = writer_.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(Statement old, connection.prepare(sql::find_replaced));
    old.bind(commit.task, commit.fence);
    DECANT_TRY(const bool found, old.step());
    if (!found) return false;
    old_result = old.text(0);
    DECANT_CHECK(connection.change(sql::commit, commit.task, commit.fence, commit.result.key, commit.result.size,
                                   commit.result.sha256, commit.result.mime_type, commit.result.extension,
                                   commit.report));
    return true;
  });
  // Only now is the old result nobody's: before the commit it still is the task's.
  if (committed && *committed) replaced = std::move(old_result);
  return committed;
}

Result<bool> TaskQueue::fail(const tasks::TaskId& id, std::int64_t fence, const tasks::TaskError& error,
                             std::optional<std::chrono::milliseconds> pause) {
  return writer_.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const std::int64_t rows,
               connection.change(sql::fail, id, fence, to_string(error.code), error.message, pause));
    if (rows == 1) DECANT_CHECK(outbox_.add(connection, id));
    return rows == 1;
  });
}

Result<bool> TaskQueue::give_back(const tasks::TaskId& id, std::int64_t fence) {
  return writer_.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const std::int64_t rows, connection.change(sql::give_back, id, fence));
    if (rows == 1) DECANT_CHECK(outbox_.add(connection, id));
    return rows == 1;
  });
}

Result<std::optional<std::chrono::milliseconds>> TaskQueue::time_to_next_ready() {
  using std::chrono::milliseconds;
  return readers_.run([](Connection& connection) -> Result<std::optional<milliseconds>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::time_to_next_ready));
    DECANT_CHECK(statement.step());
    if (statement.is_null(0)) return std::optional<milliseconds>();
    return std::optional(std::max(milliseconds(statement.integer(0)), milliseconds::zero()));
  });
}

}  // namespace decant::database::sqlite
