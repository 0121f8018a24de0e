#pragma once

#include <string_view>

#include "database/sqlite/task_row.h"

// What a claim changes: ?1 lease in milliseconds, ?2 worker. The last error stays, for the case that the worker is
// lost.
#define DECANT_CLAIM                                                                                  \
  "UPDATE tasks SET state = 'PROCESSING', attempts = attempts + 1, fence = fence + 1, progress = 0, " \
  "lease_until = now_ms() + ?1, worker = ?2, updated = now_ms() "

// Whose the task is: ?1 task, ?2 fence.
#define DECANT_IF_CLAIMED "WHERE id = ?1 AND fence = ?2 AND state = 'PROCESSING'"

namespace decant::database::sqlite::sql {

// Each branch reads one row of its index; of the two, the task that waits longer wins.
inline constexpr std::string_view claim_oldest = DECANT_CLAIM R"sql(
  WHERE sequence = (
    SELECT sequence FROM (
      SELECT * FROM (
        SELECT sequence, not_before FROM tasks WHERE state = 'UPLOADED' AND not_before <= now_ms()
        ORDER BY not_before, sequence LIMIT 1)
      UNION ALL
      SELECT * FROM (
        SELECT sequence, not_before FROM tasks
        WHERE state = 'PROCESSING' AND lease_until <= now_ms() AND attempts < max_attempts
        ORDER BY lease_until LIMIT 1))
    ORDER BY not_before, sequence LIMIT 1)
  RETURNING)sql" DECANT_TASK_COLUMNS;

// ?3 task, ?4 generation.
inline constexpr std::string_view claim_wanted = DECANT_CLAIM R"sql(
  WHERE id = ?3 AND generation = ?4
    AND ((state = 'UPLOADED' AND not_before <= now_ms())
         OR (state = 'PROCESSING' AND lease_until <= now_ms() AND attempts < max_attempts))
  RETURNING)sql" DECANT_TASK_COLUMNS;

inline constexpr std::string_view heartbeat =
    "UPDATE tasks SET lease_until = now_ms() + ?3, progress = ?4, updated = now_ms() " DECANT_IF_CLAIMED;

inline constexpr std::string_view find_replaced = "SELECT result_key FROM tasks " DECANT_IF_CLAIMED;

inline constexpr std::string_view commit = R"sql(
  UPDATE tasks SET state = 'PROCESSED', result_key = ?3, result_size = ?4, result_sha256 = ?5, result_mime_type = ?6,
                   result_extension = ?7, result_target = target, report = ?8, progress = 1, error_code = NULL,
                   error_message = NULL, lease_until = NULL, worker = NULL, updated = now_ms() )sql" DECANT_IF_CLAIMED;

// ?5 pause in milliseconds; NULL: no further attempt.
inline constexpr std::string_view fail = R"sql(
  UPDATE tasks SET state = CASE WHEN ?5 IS NOT NULL AND attempts < max_attempts THEN 'UPLOADED' ELSE 'FAILED' END,
                   error_code = ?3, error_message = ?4, not_before = now_ms() + ifnull(?5, 0), progress = 0,
                   lease_until = NULL, worker = NULL, updated = now_ms() )sql" DECANT_IF_CLAIMED;

// Its place in the queue stays; the minimum is for a clock that was set back.
inline constexpr std::string_view give_back = R"sql(
  UPDATE tasks SET state = 'UPLOADED', attempts = max(attempts - 1, 0), not_before = min(not_before, now_ms()),
                   progress = 0, lease_until = NULL, worker = NULL, updated = now_ms() )sql" DECANT_IF_CLAIMED;

inline constexpr std::string_view time_to_next_ready = R"sql(
  SELECT min(at) - now_ms() FROM (
    SELECT min(not_before) AS at FROM tasks WHERE state = 'UPLOADED'
    UNION ALL
    SELECT min(lease_until) FROM tasks WHERE state = 'PROCESSING' AND attempts < max_attempts))sql";

}  // namespace decant::database::sqlite::sql

#undef DECANT_CLAIM
#undef DECANT_IF_CLAIMED
