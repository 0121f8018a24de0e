#include "database/postgresql/task_queue.h"

#include "database/postgresql/task_queue_sql.h"

namespace decant::database::postgresql {

using std::chrono::milliseconds;

Result<std::optional<tasks::Claim>> TaskQueue::claim(const tasks::ClaimRequest& request) {
  return pool_.run([&](Connection& connection) -> Result<std::optional<tasks::Claim>> {
    if (!request.wanted) return claim_oldest(connection, request);
    DECANT_TRY(const Rows rows, connection.query(sql::claim_wanted, request.lease, request.worker, request.wanted->task,
                                                 request.wanted->generation));
    DECANT_TRY(auto task, first_task(rows));
    if (!task) return std::optional<tasks::Claim>();
    return std::optional(tasks::Claim{*std::move(task)});
  });
}

Result<std::optional<tasks::Claim>> TaskQueue::claim_oldest(Connection& connection,
                                                            const tasks::ClaimRequest& request) {
  std::optional<tasks::Claim> claim;
  const auto take = [&](const Result<Rows>& rows) -> Result<bool> {
    if (!rows) return Failure(rows.error());
    DECANT_TRY(auto task, first_task(*rows));
    if (!task) return false;
    ready_.found_at(task->not_before.time_since_epoch().count());
    coming_.found_at(task->not_before.time_since_epoch().count());
    claim = tasks::Claim{*std::move(task)};
    return true;
  };
  DECANT_CHECK(ready_.look(
      [&](LiveEdge::Milliseconds edge) {
        return take(connection.query(sql::claim_ready, request.lease, request.worker, edge));
      },
      [&] { return take(connection.query(sql::claim_oldest, request.lease, request.worker)); }));
  return claim;
}

Result<bool> TaskQueue::heartbeat(const tasks::TaskId& id, std::int64_t fence, milliseconds lease, double progress) {
  return pool_.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const std::int64_t rows, connection.change(sql::heartbeat, id, fence, lease, progress));
    return rows == 1;
  });
}

Result<bool> TaskQueue::commit(const Commit& commit, std::string& replaced) {
  return pool_.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const Rows rows,
               connection.query(sql::commit, commit.task, commit.fence, commit.result.key, commit.result.size,
                                commit.result.sha256, commit.result.mime_type, commit.result.extension, commit.report));
    if (rows.count() == 0) return false;
    replaced = rows[0].text(0);
    return true;
  });
}

Result<bool> TaskQueue::fail(const tasks::TaskId& id, std::int64_t fence, const tasks::TaskError& error,
                             std::optional<milliseconds> pause) {
  return pool_.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const Rows rows,
               connection.query(sql::fail, id, fence, to_string(error.code), error.message, pause, rings_));
    return rows.count() == 1;
  });
}

Result<bool> TaskQueue::give_back(const tasks::TaskId& id, std::int64_t fence) {
  return pool_.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const Rows rows, connection.query(sql::give_back, id, fence, rings_));
    return rows.count() == 1;
  });
}

Result<std::optional<milliseconds>> TaskQueue::time_to_next_ready() {
  return pool_.run([&](Connection& connection) -> Result<std::optional<milliseconds>> {
    std::optional<milliseconds> next;
    const auto take = [&](const Result<Rows>& rows) -> Result<bool> {
      if (!rows) return Failure(rows.error());
      const Row row = (*rows)[0];
      // Nothing near: the whole look is to say when a lease ends.
      if (row.is_null(0)) return false;
      next = std::max(milliseconds(row.integer(0)), milliseconds::zero());
      return *next == milliseconds::zero();
    };
    DECANT_CHECK(coming_.look(
        [&](LiveEdge::Milliseconds edge) { return take(connection.query(sql::time_to_next_not_before, edge)); },
        [&] { return take(connection.query(sql::time_to_next_ready)); }));
    return next;
  });
}

}  // namespace decant::database::postgresql
