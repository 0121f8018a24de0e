#pragma once

#include "database/sqlite/statement.h"
#include "database/task_row.h"

/// The columns of a Task in the order in which read_task() takes them. A macro, so that the SQL constants can be
/// literals.
#define DECANT_TASK_COLUMNS                                                                                            \
  " id, user_id, created, updated, name, target, options, state, generation, fence, attempts, max_attempts, "          \
  "not_before, progress, error_code, error_message, media, source_key, source_size, source_sha256, source_mime_type, " \
  "source_extension, result_key, result_size, result_sha256, result_mime_type, result_extension, report, "             \
  "result_target, cover_size, cover_sha256, traceparent "

namespace decant::database::sqlite {

/// Goes to the next row and reads it.
Result<std::optional<tasks::Task>> next_task(Statement& statement);
/// Reads all rows that are left.
Result<std::vector<tasks::Task>> all_tasks(Statement& statement);

}  // namespace decant::database::sqlite
