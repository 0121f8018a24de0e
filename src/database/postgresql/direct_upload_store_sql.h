#pragma once

#include <string_view>

#include "database/postgresql/outbox_sql.h"
#include "database/postgresql/task_row.h"

#define DECANT_DIRECT_UPLOAD_COLUMNS " id::text, user_id::text, name, target, options, key, size, sha256 "

namespace decant::database::postgresql::sql {

// Holds the owner's row, so that of two at once the second sees what the first has taken.
inline constexpr std::string_view lock_storage =
    "SELECT stored_bytes FROM users WHERE id = $1 AND NOT disabled FOR NO KEY UPDATE";
inline constexpr std::string_view count_uploads = "SELECT count(*) FROM direct_uploads WHERE user_id = $1";

// $9 how long the link holds, $10 the grace, in milliseconds.
inline constexpr std::string_view insert_upload = R"sql(
  INSERT INTO direct_uploads (id, user_id, created, name, target, options, key, size, sha256, link_until, open_until)
  VALUES ($1, $2, now_ms(), $3, $4, $5, $6, $7, $8, now_ms() + $9::bigint, now_ms() + $9::bigint + $10::bigint))sql";

inline constexpr std::string_view find_upload =
    "SELECT" DECANT_DIRECT_UPLOAD_COLUMNS "FROM direct_uploads WHERE id = $1 AND user_id = $2";

// $13 whether to ring, $14 traceparent.
inline constexpr std::string_view turn_upload_into_task = R"sql(
  WITH upload AS (DELETE FROM direct_uploads WHERE id = $1 AND user_id = $2 RETURNING id, user_id),
  changed AS (
    INSERT INTO tasks (id, user_id, created, updated, name, target, options, state, generation, fence, attempts,
                       max_attempts, not_before, progress, media, source_key, source_size, source_sha256,
                       source_mime_type, source_extension, rung, traceparent)
    SELECT id, user_id, now_ms(), now_ms(), $3, $4, $5, 'UPLOADED', 1, 0, 0, $6, now_ms(), 0, $7, $8, $9, $10, $11, $12,
           now_ms(), nullif($14, '')
    FROM upload
    RETURNING *),)sql" DECANT_RING_FOR_CHANGED("$13") "SELECT" DECANT_TASK_COLUMNS "FROM changed";

inline constexpr std::string_view give_up_upload =
    "UPDATE direct_uploads SET open_until = least(open_until, link_until) WHERE id = $1";

inline constexpr std::string_view delete_expired_uploads = R"sql(
  WITH expired AS MATERIALIZED (
    SELECT id FROM direct_uploads WHERE open_until <= now_ms() ORDER BY open_until LIMIT $1 FOR UPDATE SKIP LOCKED)
  DELETE FROM direct_uploads USING expired WHERE direct_uploads.id = expired.id
  RETURNING key)sql";

}  // namespace decant::database::postgresql::sql
