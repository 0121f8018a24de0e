#include "database/sqlite/work_view.h"

#include "database/work_row.h"

namespace decant::database::sqlite {
namespace {

constexpr std::string_view list_running =
    "SELECT id, ifnull(worker, ''), target, attempts, progress FROM tasks WHERE state = 'PROCESSING' "
    "ORDER BY sequence LIMIT ?1";
constexpr std::string_view list_failed =
    "SELECT id, target, ifnull(error_code, ''), ifnull(error_message, ''), now_ms() - updated FROM tasks "
    "WHERE state IN ('PROCESSED', 'FAILED') AND state = 'FAILED' ORDER BY updated DESC LIMIT ?1";

template <class T>
Result<std::vector<T>> list(Readers& readers, std::string_view sql, int limit, Result<T> (*read)(const Statement&)) {
  return readers.run([&](Connection& connection) -> Result<std::vector<T>> {
    DECANT_TRY(Statement rows, connection.prepare(sql));
    rows.bind(std::max(limit, 0));
    std::vector<T> found;
    for (;;) {
      DECANT_TRY(const bool has_row, rows.step());
      if (!has_row) return found;
      DECANT_TRY(T next, read(rows));
      found.push_back(std::move(next));
    }
  });
}

}  // namespace

Result<std::vector<tasks::RunningTask>> WorkView::running_tasks(int limit) {
  return list<tasks::RunningTask>(readers_, list_running, limit, read_running<Statement>);
}

Result<std::vector<tasks::FailedTask>> WorkView::failed_tasks(int limit) {
  return list<tasks::FailedTask>(readers_, list_failed, limit, read_failed<Statement>);
}

}  // namespace decant::database::sqlite
