#pragma once

#include <string_view>

namespace decant::database::sqlite::sql {

// ?1 task. Only what is ready, or will be by time alone.
inline constexpr std::string_view insert_ring = R"sql(
  INSERT INTO outbox (task_id, generation, created, due)
  SELECT id, generation, max(not_before, now_ms()), max(not_before, now_ms()) FROM tasks WHERE id = ?1 AND state = 'UPLOADED')sql";
inline constexpr std::string_view note_ring = "UPDATE tasks SET rung = now_ms() WHERE id = ?1 AND state = 'UPLOADED'";

// ?1 age in milliseconds, ?2 limit. The inner LIMIT bounds the look at a long queue that was rung for in time.
inline constexpr std::string_view find_overdue = R"sql(
  SELECT id FROM (SELECT id, rung FROM tasks WHERE state = 'UPLOADED' AND not_before <= now_ms() - ?1
                  ORDER BY not_before, sequence LIMIT ?2)
  WHERE rung <= now_ms() - ?1)sql";

// ?1 hold in milliseconds, ?2 limit.
inline constexpr std::string_view take_rings = R"sql(
  UPDATE outbox SET due = now_ms() + ?1
  WHERE id IN (SELECT id FROM outbox WHERE due <= now_ms() ORDER BY due, id LIMIT ?2)
  RETURNING id, task_id, generation)sql";

inline constexpr std::string_view delete_ring = "DELETE FROM outbox WHERE id = ?1";

inline constexpr std::string_view count_rings =
    "SELECT count(*), ifnull(now_ms() - min(created), 0) FROM outbox WHERE created <= now_ms()";

}  // namespace decant::database::sqlite::sql
