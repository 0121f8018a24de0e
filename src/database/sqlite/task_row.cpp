#include "database/sqlite/task_row.h"

namespace decant::database::sqlite {

Result<std::optional<tasks::Task>> next_task(Statement& statement) {
  DECANT_TRY(const bool found, statement.step());
  if (!found) return std::optional<tasks::Task>();
  DECANT_TRY(tasks::Task task, read_task(statement));
  return std::optional(std::move(task));
}

Result<std::vector<tasks::Task>> all_tasks(Statement& statement) {
  std::vector<tasks::Task> tasks;
  for (;;) {
    DECANT_TRY(auto task, next_task(statement));
    if (!task) return tasks;
    tasks.push_back(*std::move(task));
  }
}

}  // namespace decant::database::sqlite
