#pragma once

#include "tasks/task.h"

namespace decant::database {

/// Where a Task's fields stand in a row, in both dialects: the order of their DECANT_TASK_COLUMNS.
namespace task_column {
enum Column {
  id,
  user_id,
  created,
  updated,
  name,
  target,
  options,
  state,
  generation,
  fence,
  attempts,
  max_attempts,
  not_before,
  progress,
  error_code,
  error_message,
  media,
  source_key,
  source_size,
  source_sha256,
  source_mime_type,
  source_extension,
  result_key,
  result_size,
  result_sha256,
  result_mime_type,
  result_extension,
  report,
  result_target,
  cover_size,
  cover_sha256,
  traceparent,
};
}  // namespace task_column

template <class Row>
tasks::StoredFile read_file(const Row& row, int key) {
  return {.key = row.text(key),
          .size = row.integer(key + 1),
          .sha256 = row.text(key + 2),
          .mime_type = row.text(key + 3),
          .extension = row.text(key + 4)};
}

template <class Row>
WallTime read_time(const Row& row, int column) {
  return WallTime(std::chrono::milliseconds(row.integer(column)));
}

/// The Task in a row of DECANT_TASK_COLUMNS. Row has is_null, integer, real and text of a column's number. internal
/// when the row breaks a rule.
template <class Row>
Result<tasks::Task> read_task(const Row& row) {
  using namespace task_column;
  const auto task_id = tasks::TaskId::parse(row.text(id));
  const auto owner = tasks::UserId::parse(row.text(user_id));
  const auto task_state = tasks::find_state(row.text(state));
  auto task_options = tasks::parse_options_json(row.text(options));
  if (!task_id || !owner || !task_state || !task_options) {
    return failure(ErrorCode::internal, "The database is damaged.", "the task row " + row.text(id));
  }
  tasks::Task task;
  task.id = *task_id;
  task.user = *owner;
  task.created = read_time(row, created);
  task.updated = read_time(row, updated);
  task.name = row.text(name);
  task.target = row.text(target);
  task.options = *std::move(task_options);
  task.state = *task_state;
  task.generation = row.integer(generation);
  task.fence = row.integer(fence);
  task.attempts = static_cast<int>(row.integer(attempts));
  task.max_attempts = static_cast<int>(row.integer(max_attempts));
  task.not_before = read_time(row, not_before);
  task.progress = row.real(progress);
  if (!row.is_null(error_code)) {
    task.error =
        tasks::TaskError{find_error_code(row.text(error_code)).value_or(ErrorCode::internal), row.text(error_message)};
  }
  task.media = row.text(media);
  task.source = read_file(row, source_key);
  if (!row.is_null(result_key)) task.result = read_file(row, result_key);
  if (!row.is_null(cover_size)) task.cover = tasks::Cover{row.integer(cover_size), row.text(cover_sha256)};
  task.report = row.text(report);
  task.result_target = row.text(result_target);
  if (!row.is_null(traceparent)) task.trace = TraceContext::parse(row.text(traceparent)).value_or(TraceContext());
  return task;
}

}  // namespace decant::database
