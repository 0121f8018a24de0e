#pragma once

#include "database/sqlite/statement.h"
#include "tasks/task.h"

/// The columns of a Task in the order in which read_task() takes them. A macro, so that the SQL constants can be
/// literals.
#define DECANT_TASK_COLUMNS                                                                                            \
  " id, user_id, created, updated, name, target, options, state, generation, fence, attempts, max_attempts, "          \
  "not_before, progress, error_code, error_message, media, source_key, source_size, source_sha256, source_mime_type, " \
  "source_extension, result_key, result_size, result_sha256, result_mime_type, result_extension, report, "             \
  "result_target, cover_size, cover_sha256 "

namespace decant::database::sqlite {

/// The Task in the current row of a statement that selects (or returns) DECANT_TASK_COLUMNS. internal when the row
/// breaks a rule.
Result<tasks::Task> read_task(const Statement& row);
/// Goes to the next row and reads it.
Result<std::optional<tasks::Task>> next_task(Statement& statement);
/// Reads all rows that are left.
Result<std::vector<tasks::Task>> all_tasks(Statement& statement);

}  // namespace decant::database::sqlite
