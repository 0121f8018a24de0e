#pragma once

#include <optional>
#include <vector>

#include "database/postgresql/rows.h"
#include "database/task_row.h"

/// The columns of a Task in the order in which read_task() takes them.
#define DECANT_TASK_COLUMNS                                                                                       \
  " id::text, user_id::text, created, updated, name, target, options, state, generation, fence, attempts, "       \
  "max_attempts, not_before, progress, error_code, error_message, media, source_key, source_size, "               \
  "source_sha256, source_mime_type, source_extension, result_key, result_size, result_sha256, result_mime_type, " \
  "result_extension, report, result_target, cover_size, cover_sha256, traceparent "

namespace decant::database::postgresql {

/// The first of the rows, if there is one.
inline Result<std::optional<tasks::Task>> first_task(const Rows& rows) {
  if (rows.count() == 0) return std::optional<tasks::Task>();
  DECANT_TRY(tasks::Task task, read_task(rows[0]));
  return std::optional(std::move(task));
}

inline Result<std::vector<tasks::Task>> all_tasks(const Rows& rows) {
  std::vector<tasks::Task> tasks;
  for (int row = 0; row < rows.count(); ++row) {
    DECANT_TRY(tasks::Task task, read_task(rows[row]));
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace decant::database::postgresql
