#pragma once

#include <string_view>

// A data-modifying CTE behind "changed AS (UPDATE tasks … RETURNING *),": the rings for what it left UPLOADED, if
// `wanted`, a boolean parameter, says so.
#define DECANT_RING_FOR_CHANGED(wanted)                                                    \
  " ring AS (INSERT INTO outbox (task_id, generation, created, due)"                       \
  " SELECT id, generation, greatest(not_before, now_ms()), greatest(not_before, now_ms())" \
  " FROM changed WHERE state = 'UPLOADED' AND " wanted "::boolean ORDER BY sequence) "

namespace decant::database::postgresql::sql {

// $1 age in milliseconds, $2 limit, $3 whether to ring. The inner LIMIT bounds the look at a long queue that was rung
// for in time.
inline constexpr std::string_view ring_again = R"sql(
  WITH oldest AS MATERIALIZED (
    SELECT sequence, rung FROM tasks WHERE state = 'UPLOADED' AND not_before <= now_ms() - $1::bigint
    ORDER BY not_before, sequence LIMIT $2 FOR UPDATE SKIP LOCKED),
  changed AS (
    UPDATE tasks SET rung = now_ms() FROM oldest
    WHERE tasks.sequence = oldest.sequence AND oldest.rung <= now_ms() - $1::bigint
    RETURNING tasks.*),)sql" DECANT_RING_FOR_CHANGED("$3") "SELECT count(*) FROM changed";

// $1 hold in milliseconds, $2 limit, $3 from where on to look.
inline constexpr std::string_view take_rings = R"sql(
  WITH ready AS MATERIALIZED (
    SELECT id, due FROM outbox WHERE due >= $3 AND due <= now_ms() ORDER BY due, id LIMIT $2 FOR UPDATE SKIP LOCKED)
  UPDATE outbox SET due = now_ms() + $1::bigint FROM ready WHERE outbox.id = ready.id
  RETURNING outbox.id, task_id::text, generation, ready.due)sql";

// $1 ids: an array.
inline constexpr std::string_view delete_rings = "DELETE FROM outbox WHERE id = ANY ($1::bigint[])";

inline constexpr std::string_view count_rings =
    "SELECT count(*), coalesce(now_ms() - min(created), 0) FROM outbox WHERE created <= now_ms()";

}  // namespace decant::database::postgresql::sql
