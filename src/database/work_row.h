#pragma once

#include "tasks/work_view.h"

namespace decant::database {

/// From a row of id, worker, target, attempts, progress.
template <class Row>
Result<tasks::RunningTask> read_running(const Row& row) {
  const auto id = tasks::TaskId::parse(row.text(0));
  if (!id) return failure(ErrorCode::internal, "The database is damaged.", "the task row " + row.text(0));
  return tasks::RunningTask{*id, row.text(1), row.text(2), static_cast<int>(row.integer(3)), row.real(4)};
}

/// From a row of id, target, error_code, error_message, age.
template <class Row>
Result<tasks::FailedTask> read_failed(const Row& row) {
  const auto id = tasks::TaskId::parse(row.text(0));
  if (!id) return failure(ErrorCode::internal, "The database is damaged.", "the task row " + row.text(0));
  return tasks::FailedTask{*id,
                           row.text(1),
                           {find_error_code(row.text(2)).value_or(ErrorCode::internal), row.text(3)},
                           std::chrono::milliseconds(row.integer(4))};
}

}  // namespace decant::database
