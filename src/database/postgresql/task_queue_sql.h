#pragma once

#include <string_view>

#include "database/postgresql/outbox_sql.h"
#include "database/postgresql/task_row.h"

// What a claim changes: $1 lease in milliseconds, $2 worker. The last error stays, for the case that the worker is
// lost.
#define DECANT_CLAIM                                                                                  \
  "UPDATE tasks SET state = 'PROCESSING', attempts = attempts + 1, fence = fence + 1, progress = 0, " \
  "lease_until = now_ms() + $1::bigint, worker = $2, updated = now_ms() "

// Whose the task is: $1 task, $2 fence.
#define DECANT_IF_CLAIMED "WHERE id = $1 AND fence = $2 AND state = 'PROCESSING'"

namespace decant::database::postgresql::sql {

// $3 from where on to look. MATERIALIZED: as a subquery the locked rows could be chosen anew, and more than one
// claimed.
inline constexpr std::string_view claim_ready =
    R"sql(
  WITH chosen AS MATERIALIZED (
    SELECT sequence FROM tasks WHERE state = 'UPLOADED' AND not_before >= $3 AND not_before <= now_ms()
    ORDER BY not_before, sequence LIMIT 1 FOR UPDATE SKIP LOCKED) )sql" DECANT_CLAIM
    "FROM chosen WHERE tasks.sequence = chosen.sequence RETURNING" DECANT_TASK_COLUMNS;

// The whole queue: of the oldest that is ready and a task whose lease ran out, the one that waits longer.
inline constexpr std::string_view claim_oldest =
    R"sql(
  WITH ready AS MATERIALIZED (
    SELECT sequence, not_before FROM tasks WHERE state = 'UPLOADED' AND not_before <= now_ms()
    ORDER BY not_before, sequence LIMIT 1 FOR UPDATE SKIP LOCKED),
  expired AS MATERIALIZED (
    SELECT sequence, not_before FROM tasks
    WHERE state = 'PROCESSING' AND lease_until <= now_ms() AND attempts < max_attempts
    ORDER BY lease_until LIMIT 1 FOR UPDATE SKIP LOCKED),
  chosen AS MATERIALIZED (
    SELECT sequence FROM (SELECT * FROM ready UNION ALL SELECT * FROM expired) AS either
    ORDER BY not_before, sequence LIMIT 1) )sql" DECANT_CLAIM
    "FROM chosen WHERE tasks.sequence = chosen.sequence RETURNING" DECANT_TASK_COLUMNS;

// $3 task, $4 generation.
inline constexpr std::string_view claim_wanted = DECANT_CLAIM R"sql(
  WHERE id = $3 AND generation = $4
    AND ((state = 'UPLOADED' AND not_before <= now_ms())
         OR (state = 'PROCESSING' AND lease_until <= now_ms() AND attempts < max_attempts))
  RETURNING)sql" DECANT_TASK_COLUMNS;

inline constexpr std::string_view heartbeat =
    "UPDATE tasks SET lease_until = now_ms() + $3::bigint, progress = $4, updated = now_ms() " DECANT_IF_CLAIMED;

inline constexpr std::string_view commit = R"sql(
  WITH old AS MATERIALIZED (SELECT sequence, result_key FROM tasks )sql" DECANT_IF_CLAIMED R"sql( FOR UPDATE)
  UPDATE tasks SET state = 'PROCESSED', result_key = $3, result_size = $4, result_sha256 = $5, result_mime_type = $6,
                   result_extension = $7, result_target = target, report = $8, progress = 1, error_code = NULL,
                   error_message = NULL, lease_until = NULL, worker = NULL, finished = now_ms(), updated = now_ms()
  FROM old WHERE tasks.sequence = old.sequence
  RETURNING old.result_key)sql";

// $5 pause in milliseconds; NULL: no further attempt. $6 whether to ring.
inline constexpr std::string_view fail = R"sql(
  WITH changed AS (
    UPDATE tasks SET state = CASE WHEN $5::bigint IS NOT NULL AND attempts < max_attempts THEN 'UPLOADED' ELSE 'FAILED' END,
                     finished = CASE WHEN $5 IS NOT NULL AND attempts < max_attempts THEN NULL ELSE now_ms() END,
                     error_code = $3, error_message = $4, not_before = now_ms() + coalesce($5, 0), progress = 0,
                     lease_until = NULL, worker = NULL, updated = now_ms(), rung = now_ms() )sql" DECANT_IF_CLAIMED
                                         " RETURNING *)," DECANT_RING_FOR_CHANGED("$6") "SELECT 1 FROM changed";

// Its place in the queue stays; the least is for a clock that was set back. $3 whether to ring.
inline constexpr std::string_view give_back = R"sql(
  WITH changed AS (
    UPDATE tasks SET state = 'UPLOADED', attempts = greatest(attempts - 1, 0), not_before = least(not_before, now_ms()),
                     progress = 0, lease_until = NULL, worker = NULL, updated = now_ms(), rung = now_ms() )sql" DECANT_IF_CLAIMED
                                              " RETURNING *)," DECANT_RING_FOR_CHANGED("$3") "SELECT 1 FROM changed";

// $1 from where on to look.
inline constexpr std::string_view time_to_next_not_before =
    "SELECT min(not_before) - now_ms() FROM tasks WHERE state = 'UPLOADED' AND not_before >= $1";
inline constexpr std::string_view time_to_next_ready = R"sql(
  SELECT min(at) - now_ms() FROM (
    SELECT min(not_before) AS at FROM tasks WHERE state = 'UPLOADED'
    UNION ALL
    SELECT min(lease_until) FROM tasks WHERE state = 'PROCESSING' AND attempts < max_attempts) AS times)sql";

}  // namespace decant::database::postgresql::sql

#undef DECANT_CLAIM
#undef DECANT_IF_CLAIMED
