#pragma once

#include <string_view>

// As read_change() takes them.
#define DECANT_CHANGE_COLUMNS \
  " id::text, user_id::text, state, progress, attempts, error_code, error_message, change, sequence "

namespace decant::database::postgresql::sql {

// All transactions up to the first are over, and none after the second has begun.
inline constexpr std::string_view newest_change =
    "SELECT pg_snapshot_xmin(now)::text::bigint - 1, pg_snapshot_xmax(now)::text::bigint - 1 "
    "FROM pg_current_snapshot() AS now";

inline constexpr std::string_view find_change =
    "SELECT" DECANT_CHANGE_COLUMNS "FROM tasks WHERE id = $1 AND user_id = $2";

// $1 users, $2 and $3 position, $4 the newest change, $5 limit.
inline constexpr std::string_view list_changes =
    "SELECT" DECANT_CHANGE_COLUMNS
    "FROM tasks WHERE user_id = ANY ($1::uuid[]) AND change >= $2 AND change <= $4 AND (change, sequence) > ($2, $3) "
    "ORDER BY change, sequence LIMIT $5";

// $1 users, $2 the newest change, $3 the last transaction, $4 limit. A restored database may hold names of
// transactions that are still to come.
inline constexpr std::string_view list_overlapping =
    "SELECT" DECANT_CHANGE_COLUMNS
    "FROM tasks WHERE user_id = ANY ($1::uuid[]) AND change > $2 AND change <= $3 "
    "ORDER BY change DESC, sequence LIMIT $4";

// $1 users, $2 milliseconds, $3 limit.
inline constexpr std::string_view list_running =
    "SELECT" DECANT_CHANGE_COLUMNS
    "FROM tasks WHERE user_id = ANY ($1::uuid[]) AND state <> 'CANCELED' AND state = 'PROCESSING' "
    "AND updated >= now_ms() - $2::bigint LIMIT $3";

}  // namespace decant::database::postgresql::sql

#undef DECANT_CHANGE_COLUMNS
