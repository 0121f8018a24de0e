#pragma once

#include <string_view>

#include "database/sqlite/task_row.h"

namespace decant::database::sqlite::sql {

// ?1 error code for a lost worker, ?2 limit. No error is known when every attempt of this generation was lost.
inline constexpr std::string_view release_expired_leases = R"sql(
  UPDATE tasks SET state = CASE WHEN attempts < max_attempts THEN 'UPLOADED' ELSE 'FAILED' END, fence = fence + 1,
                   error_code = CASE WHEN attempts < max_attempts THEN error_code ELSE ifnull(error_code, ?1) END,
                   error_message = CASE WHEN attempts < max_attempts THEN error_message
                       ELSE ifnull(error_message, 'The worker was lost and no attempt is left; attempts: ' || attempts) END,
                   not_before = min(not_before, now_ms()), progress = 0, lease_until = NULL, worker = NULL,
                   updated = now_ms()
  WHERE sequence IN (SELECT sequence FROM tasks WHERE state = 'PROCESSING' AND lease_until <= now_ms()
                     ORDER BY lease_until LIMIT ?2)
  RETURNING id, generation, state = 'UPLOADED')sql";

// ?1 age in milliseconds, ?2 limit.
inline constexpr std::string_view cancel_older_than = R"sql(
  UPDATE tasks SET state = 'CANCELED', fence = fence + 1, updated = now_ms()
  WHERE sequence IN (SELECT sequence FROM tasks WHERE state IN ('PROCESSED', 'FAILED') AND updated < now_ms() - ?1
                     LIMIT ?2))sql";

inline constexpr std::string_view list_canceled =
    "SELECT" DECANT_TASK_COLUMNS "FROM tasks WHERE state = 'CANCELED' ORDER BY updated LIMIT ?1";

inline constexpr std::string_view purge = "DELETE FROM tasks WHERE id = ?1 AND state = 'CANCELED'";

// The last is a result whose claim may still commit it: tasks::make_result_key() writes the claim into the key.
inline constexpr std::string_view is_referenced = R"sql(
  SELECT EXISTS (SELECT 1 FROM direct_uploads WHERE key = ?1) OR EXISTS (SELECT 1 FROM tasks WHERE source_key = ?1) OR EXISTS (SELECT 1 FROM tasks WHERE result_key = ?1)
      OR EXISTS (SELECT 1 FROM tasks WHERE id = substr(?1, 9, instr(substr(?1, 9), '/') - 1) AND state = 'PROCESSING'
                 AND instr(?1, 'results/' || id || '/' || fence || '-') = 1))sql";

}  // namespace decant::database::sqlite::sql
