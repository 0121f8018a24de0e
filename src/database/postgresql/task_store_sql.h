#pragma once

#include <string_view>

#include "database/postgresql/outbox_sql.h"
#include "database/postgresql/task_row.h"

namespace decant::database::postgresql::sql {

inline constexpr std::string_view find_task =
    "SELECT" DECANT_TASK_COLUMNS "FROM tasks WHERE id = $1 AND user_id = $2 AND state <> 'CANCELED'";
inline constexpr std::string_view lock_task =
    "SELECT" DECANT_TASK_COLUMNS "FROM tasks WHERE id = $1 AND user_id = $2 AND state <> 'CANCELED' FOR UPDATE";

// $1 user, $2 continue behind this id, $3 limit, $4 state. By tasks.id: a bare id would be the text of the result,
// which no index has.
inline constexpr std::string_view list_oldest_first =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = $1 AND state <> 'CANCELED' AND id > $2::uuid ORDER BY tasks.id LIMIT $3";
inline constexpr std::string_view list_newest_first =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = $1 AND state <> 'CANCELED' AND id < $2::uuid ORDER BY tasks.id DESC LIMIT $3";
inline constexpr std::string_view list_state_oldest_first =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = $1 AND state <> 'CANCELED' AND state = $4 AND id > $2::uuid ORDER BY tasks.id LIMIT $3";
inline constexpr std::string_view list_state_newest_first =
    "SELECT" DECANT_TASK_COLUMNS
    "FROM tasks WHERE user_id = $1 AND state <> 'CANCELED' AND state = $4 AND id < $2::uuid ORDER BY tasks.id DESC "
    "LIMIT $3";

inline constexpr std::string_view is_enabled = "SELECT 1 FROM users WHERE id = $1 AND NOT disabled";
inline constexpr std::string_view lock_user = "SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE";

// $16 quota or 0, $17 bytes, $18 whether to ring, $19 traceparent. The lock on the owner keeps two inserts from passing
// the quota together.
inline constexpr std::string_view insert_task = R"sql(
  WITH owner AS MATERIALIZED (
    SELECT id FROM users WHERE id = $2 AND NOT disabled AND ($16::bigint = 0 OR stored_bytes + $17::bigint <= $16)
    FOR NO KEY UPDATE),
  changed AS (
    INSERT INTO tasks (id, user_id, created, updated, name, target, options, state, generation, fence, attempts,
                       max_attempts, not_before, progress, media, source_key, source_size, source_sha256,
                       source_mime_type, source_extension, idempotency_key, cover_size, cover_sha256, rung, traceparent)
    SELECT $1, id, now_ms(), now_ms(), $3, $4, $5, 'UPLOADED', 1, 0, 0, $6, now_ms(), 0, $7, $8, $9, $10, $11, $12,
           nullif($13, ''), $14, $15, now_ms(), nullif($19, '')
    FROM owner
    RETURNING *),)sql" DECANT_RING_FOR_CHANGED("$18") "SELECT" DECANT_TASK_COLUMNS "FROM changed";

inline constexpr std::string_view find_task_by_key = "SELECT" DECANT_TASK_COLUMNS
                                                     "FROM tasks WHERE user_id = $1 AND idempotency_key = $2 AND state "
                                                     "<> 'CANCELED' AND created > now_ms() - $3::bigint";
inline constexpr std::string_view free_key =
    "UPDATE tasks SET idempotency_key = NULL WHERE user_id = $1 AND idempotency_key = $2";

// $6 whether to ring, $7 traceparent.
inline constexpr std::string_view reconvert = R"sql(
  WITH changed AS (
    UPDATE tasks SET state = 'UPLOADED', target = $3, options = $4, max_attempts = $5, generation = generation + 1,
                     fence = fence + 1, attempts = 0, not_before = now_ms(), progress = 0, error_code = NULL,
                     error_message = NULL, lease_until = NULL, worker = NULL, finished = NULL, updated = now_ms(),
                     rung = now_ms(), traceparent = nullif($7, '')
    WHERE id = $1 AND user_id = $2 AND state <> 'CANCELED'
    RETURNING *),)sql" DECANT_RING_FOR_CHANGED("$6") "SELECT" DECANT_TASK_COLUMNS "FROM changed";

inline constexpr std::string_view cancel_task = R"sql(
  UPDATE tasks SET state = 'CANCELED', fence = fence + 1, lease_until = NULL, worker = NULL, updated = now_ms()
  WHERE id = $1)sql";

}  // namespace decant::database::postgresql::sql
