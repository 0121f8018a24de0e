#pragma once

#include "tasks/task_changes.h"

namespace decant::database {

/// The TaskChange in a row of id, user_id, state, progress, attempts, error_code, error_message, change, sequence.
/// Row as for read_task().
template <class Row>
Result<tasks::TaskChange> read_change(const Row& row) {
  const auto task = tasks::TaskId::parse(row.text(0));
  const auto user = tasks::UserId::parse(row.text(1));
  const auto state = tasks::find_state(row.text(2));
  if (!task || !user || !state) {
    return failure(ErrorCode::internal, "The database is damaged.", "the task row " + row.text(0));
  }
  tasks::TaskChange change{.task = *task,
                           .user = *user,
                           .state = *state,
                           .progress = row.real(3),
                           .attempts = static_cast<int>(row.integer(4)),
                           .error = std::nullopt,
                           .position = {row.integer(7), row.integer(8)}};
  if (!row.is_null(5)) {
    change.error = tasks::TaskError{find_error_code(row.text(5)).value_or(ErrorCode::internal), row.text(6)};
  }
  return change;
}

/// Cuts off what one row too many told: there is more.
inline void finish_page(tasks::Changes& changes, int limit, tasks::ChangePosition newest) {
  changes.has_more = changes.changed.size() > static_cast<std::size_t>(limit);
  if (changes.has_more) changes.changed.resize(static_cast<std::size_t>(limit));
  changes.position = changes.has_more ? changes.changed.back().position : newest;
}

}  // namespace decant::database
