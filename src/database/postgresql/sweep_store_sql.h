#pragma once

#include <string_view>

#include "database/postgresql/outbox_sql.h"
#include "database/postgresql/task_row.h"

namespace decant::database::postgresql::sql {

// $1 error code for a lost worker, $2 limit, $3 whether to ring. No error is known when every attempt of this
// generation was lost.
inline constexpr std::string_view release_expired_leases = R"sql(
  WITH expired AS MATERIALIZED (
    SELECT sequence FROM tasks WHERE state = 'PROCESSING' AND lease_until <= now_ms()
    ORDER BY lease_until LIMIT $2 FOR UPDATE SKIP LOCKED),
  changed AS (
    UPDATE tasks SET state = CASE WHEN attempts < max_attempts THEN 'UPLOADED' ELSE 'FAILED' END, fence = fence + 1,
                     finished = CASE WHEN attempts < max_attempts THEN NULL ELSE now_ms() END,
                     error_code = CASE WHEN attempts < max_attempts THEN error_code ELSE coalesce(error_code, $1) END,
                     error_message = CASE WHEN attempts < max_attempts THEN error_message
                         ELSE coalesce(error_message,
                                       ('The worker was lost and no attempt is left; attempts: ' || attempts)::bytea) END,
                     not_before = least(not_before, now_ms()), progress = 0, lease_until = NULL, worker = NULL,
                     updated = now_ms(), rung = now_ms()
    FROM expired WHERE tasks.sequence = expired.sequence
    RETURNING tasks.*),)sql" DECANT_RING_FOR_CHANGED(
    "$3") "SELECT id::text, generation FROM changed WHERE state = 'UPLOADED' ORDER BY sequence";

// $1 age in milliseconds, $2 limit. Each row takes its owner's along, in any order: of two sweeps at once, one waits
// for the other instead of both for ever.
inline constexpr std::string_view one_at_a_time = "SELECT pg_advisory_xact_lock(hashtext('decant cancel_older_than'))";
inline constexpr std::string_view cancel_older_than = R"sql(
  WITH old AS MATERIALIZED (
    SELECT sequence FROM tasks WHERE state IN ('PROCESSED', 'FAILED') AND finished < now_ms() - $1::bigint
    LIMIT $2 FOR UPDATE SKIP LOCKED)
  UPDATE tasks SET state = 'CANCELED', fence = fence + 1, updated = now_ms()
  FROM old WHERE tasks.sequence = old.sequence)sql";

inline constexpr std::string_view list_canceled =
    "SELECT" DECANT_TASK_COLUMNS "FROM tasks WHERE state = 'CANCELED' ORDER BY sequence LIMIT $1";

inline constexpr std::string_view purge = "DELETE FROM tasks WHERE id = $1 AND state = 'CANCELED'";

// $1 keys: an array. The last is a result whose claim may still commit it: tasks::make_result_key() writes the claim
// into the key.
inline constexpr std::string_view find_unreferenced = R"sql(
  SELECT key FROM unnest($1::text[]) WITH ORDINALITY AS given (key, place)
  WHERE NOT EXISTS (SELECT 1 FROM direct_uploads WHERE direct_uploads.key = given.key)
    AND NOT EXISTS (SELECT 1 FROM tasks WHERE source_key = key) AND NOT EXISTS (SELECT 1 FROM tasks WHERE result_key = key)
    AND NOT EXISTS (
      SELECT 1 FROM tasks
      WHERE id = CASE WHEN key ~ '^results/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' THEN substr(key, 9, 36)::uuid END
        AND state = 'PROCESSING' AND starts_with(key, 'results/' || id || '/' || fence || '-'))
  ORDER BY place)sql";

inline constexpr std::string_view count_tasks = R"sql(
  SELECT
    (SELECT count(*) FROM tasks WHERE state = 'UPLOADED' AND not_before <= now_ms()),
    (SELECT count(*) FROM tasks WHERE state = 'UPLOADED' AND not_before > now_ms()),
    (SELECT count(*) FROM tasks WHERE state = 'PROCESSING'),
    (SELECT count(*) FROM tasks WHERE state IN ('PROCESSED', 'FAILED') AND state = 'PROCESSED'),
    (SELECT count(*) FROM tasks WHERE state IN ('PROCESSED', 'FAILED') AND state = 'FAILED'),
    (SELECT now_ms() - min(not_before) FROM tasks WHERE state = 'UPLOADED' AND not_before <= now_ms()))sql";

}  // namespace decant::database::postgresql::sql
