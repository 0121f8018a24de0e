#include "database/sqlite/queue_stats.h"

namespace decant::database::sqlite {
namespace {

constexpr std::string_view count_tasks = R"sql(
  SELECT
    (SELECT count(*) FROM tasks WHERE state = 'UPLOADED' AND not_before <= now_ms()),
    (SELECT count(*) FROM tasks WHERE state = 'UPLOADED' AND not_before > now_ms()),
    (SELECT count(*) FROM tasks WHERE state = 'PROCESSING'),
    (SELECT count(*) FROM tasks WHERE state IN ('PROCESSED', 'FAILED') AND state = 'PROCESSED'),
    (SELECT count(*) FROM tasks WHERE state IN ('PROCESSED', 'FAILED') AND state = 'FAILED'),
    (SELECT now_ms() - min(not_before) FROM tasks WHERE state = 'UPLOADED' AND not_before <= now_ms()))sql";

}  // namespace

Result<tasks::QueueStats> QueueStatsSource::queue_stats() {
  return readers_.run([](Connection& connection) -> Result<tasks::QueueStats> {
    DECANT_TRY(Statement counts, connection.prepare(count_tasks));
    DECANT_CHECK(counts.step());
    return tasks::QueueStats{.ready = counts.integer(0),
                             .delayed = counts.integer(1),
                             .leased = counts.integer(2),
                             .processed = counts.integer(3),
                             .failed = counts.integer(4),
                             .oldest_ready_age = std::chrono::milliseconds(counts.integer(5))};
  });
}

}  // namespace decant::database::sqlite
