#include "database/postgresql/work_view.h"

#include "database/work_row.h"

namespace decant::database::postgresql {
namespace {

constexpr std::string_view list_running =
    "SELECT id::text, coalesce(worker, ''), target, attempts, progress FROM tasks WHERE state = 'PROCESSING' "
    "ORDER BY sequence LIMIT $1";
constexpr std::string_view list_failed =
    "SELECT id::text, target, coalesce(error_code, ''), coalesce(error_message, ''), now_ms() - finished FROM tasks "
    "WHERE state IN ('PROCESSED', 'FAILED') AND state = 'FAILED' ORDER BY finished DESC LIMIT $1";

template <class T>
Result<std::vector<T>> list(Pool& pool, std::string_view sql, int limit, Result<T> (*read)(const Row&)) {
  return pool.run([&](Connection& connection) -> Result<std::vector<T>> {
    DECANT_TRY(const Rows rows, connection.query(sql, std::max(limit, 0)));
    std::vector<T> found;
    for (int row = 0; row < rows.count(); ++row) {
      DECANT_TRY(T next, read(rows[row]));
      found.push_back(std::move(next));
    }
    return found;
  });
}

}  // namespace

Result<std::vector<tasks::RunningTask>> WorkView::running_tasks(int limit) {
  return list<tasks::RunningTask>(pool_, list_running, limit, read_running<Row>);
}

Result<std::vector<tasks::FailedTask>> WorkView::failed_tasks(int limit) {
  return list<tasks::FailedTask>(pool_, list_failed, limit, read_failed<Row>);
}

}  // namespace decant::database::postgresql
