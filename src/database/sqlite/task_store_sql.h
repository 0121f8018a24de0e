#pragma once

#include <string_view>

#include "database/sqlite/task_row.h"

namespace decant::database::sqlite::sql {

inline constexpr std::string_view find_task =
    "SELECT" DECANT_TASK_COLUMNS "FROM tasks WHERE id = ?1 AND user_id = ?2 AND state <> 'CANCELED'";

// ?1 user, ?2 continue behind this id, ?3 limit, ?4 state.
inline constexpr std::string_view list_oldest_first =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = ?1 AND state <> 'CANCELED' AND id > ?2 ORDER BY id LIMIT ?3";
inline constexpr std::string_view list_newest_first =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = ?1 AND state <> 'CANCELED' AND id < ?2 ORDER BY id DESC LIMIT ?3";
inline constexpr std::string_view list_state_oldest_first =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = ?1 AND state <> 'CANCELED' AND state = ?4 AND id > ?2 ORDER BY id LIMIT ?3";
inline constexpr std::string_view list_state_newest_first =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = ?1 AND state <> 'CANCELED' AND state = ?4 AND id < ?2 ORDER BY id DESC LIMIT ?3";

inline constexpr std::string_view find_storage = "SELECT stored_bytes FROM users WHERE id = ?1 AND disabled = 0";

inline constexpr std::string_view insert_task = R"sql(
  INSERT INTO tasks (id, user_id, created, updated, name, target, options, state, generation, fence, attempts,
                     max_attempts, not_before, progress, media,
                     source_key, source_size, source_sha256, source_mime_type, source_extension, idempotency_key,
                     traceparent, cover_size, cover_sha256)
  VALUES (?1, ?2, now_ms(), now_ms(), ?3, ?4, ?5, 'UPLOADED', 1, 0, 0, ?6, now_ms(), 0, ?7, ?8, ?9, ?10, ?11, ?12,
          nullif(?13, ''), nullif(?14, ''), ?15, ?16)
  RETURNING)sql" DECANT_TASK_COLUMNS;

inline constexpr std::string_view find_task_by_key =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = ?1 AND idempotency_key = ?2 AND state <> 'CANCELED' AND created > now_ms() - ?3";
inline constexpr std::string_view free_key =
    "UPDATE tasks SET idempotency_key = NULL WHERE user_id = ?1 AND idempotency_key = ?2";

inline constexpr std::string_view reconvert = R"sql(
  UPDATE tasks SET state = 'UPLOADED', target = ?3, options = ?4, max_attempts = ?5, generation = generation + 1,
                   fence = fence + 1, attempts = 0, not_before = now_ms(), progress = 0, error_code = NULL,
                   error_message = NULL, lease_until = NULL, worker = NULL, updated = now_ms(),
                   traceparent = nullif(?6, '')
  WHERE id = ?1 AND user_id = ?2 AND state <> 'CANCELED'
  RETURNING)sql" DECANT_TASK_COLUMNS;

inline constexpr std::string_view cancel_task = R"sql(
  UPDATE tasks SET state = 'CANCELED', fence = fence + 1, lease_until = NULL, worker = NULL, updated = now_ms()
  WHERE id = ?1 AND user_id = ?2 AND state <> 'CANCELED')sql";

}  // namespace decant::database::sqlite::sql
