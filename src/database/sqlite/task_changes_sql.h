#pragma once

#include <string_view>

// As read_change() takes them.
#define DECANT_CHANGE_COLUMNS " id, user_id, state, progress, attempts, error_code, error_message, change, sequence "

namespace decant::database::sqlite::sql {

inline constexpr std::string_view newest_change = "SELECT last FROM changes";

inline constexpr std::string_view find_change =
    "SELECT" DECANT_CHANGE_COLUMNS "FROM tasks WHERE id = ?1 AND user_id = ?2";

// ?1 users as a JSON array, ?2 and ?3 position, ?4 limit.
inline constexpr std::string_view list_changes =
    "SELECT" DECANT_CHANGE_COLUMNS
    "FROM tasks WHERE user_id IN (SELECT value FROM json_each(?1)) AND change >= ?2 AND (change, sequence) > (?2, ?3) "
    "ORDER BY change, sequence LIMIT ?4";

// ?1 users as a JSON array, ?2 milliseconds, ?3 limit.
inline constexpr std::string_view list_running =
    "SELECT" DECANT_CHANGE_COLUMNS
    "FROM tasks WHERE user_id IN (SELECT value FROM json_each(?1)) AND state <> 'CANCELED' AND state = 'PROCESSING' "
    "AND updated >= now_ms() - ?2 LIMIT ?3";

}  // namespace decant::database::sqlite::sql

#undef DECANT_CHANGE_COLUMNS
