#include "database/postgresql/outbox.h"

#include <fmt/ranges.h>

#include "database/postgresql/outbox_sql.h"

namespace decant::database::postgresql {

using std::chrono::milliseconds;

Result<std::vector<tasks::Ring>> Outbox::take(int limit, milliseconds hold) {
  return pool_.run([&](Connection& connection) -> Result<std::vector<tasks::Ring>> {
    std::vector<tasks::Ring> rings;
    const auto take_from = [&](LiveEdge::Milliseconds edge) -> Result<bool> {
      DECANT_TRY(const Rows rows, connection.query(sql::take_rings, hold, std::max(limit, 0), edge));
      LiveEdge::Milliseconds newest = LiveEdge::front;
      for (int row = 0; row < rows.count(); ++row) {
        const auto task = tasks::TaskId::parse(rows[row].text(1));
        if (task) rings.push_back({rows[row].integer(0), {*task, rows[row].integer(2)}});
        newest = std::max(newest, rows[row].integer(3));
      }
      due_.found_at(newest);
      return rows.count() > 0;
    };
    DECANT_CHECK(due_.look(take_from, [&] { return take_from(LiveEdge::front); }));
    std::ranges::sort(rings, {}, &tasks::Ring::id);  // RETURNING promises no order
    return rings;
  });
}

Result<void> Outbox::mark_published(std::span<const std::int64_t> ids) {
  if (ids.empty()) return {};
  return pool_.run([&](Connection& connection) -> Result<void> {
    DECANT_CHECK(connection.change(sql::delete_rings, Literal{fmt::format("{{{}}}", fmt::join(ids, ","))}));
    return {};
  });
}

Result<tasks::OutboxStats> Outbox::outbox_stats() {
  return pool_.run([](Connection& connection) -> Result<tasks::OutboxStats> {
    DECANT_TRY(const Rows rows, connection.query(sql::count_rings));
    return tasks::OutboxStats{.waiting = rows[0].integer(0), .oldest_age = milliseconds(rows[0].integer(1))};
  });
}

}  // namespace decant::database::postgresql
