#include "database/sqlite/outbox.h"

#include "database/sqlite/outbox_sql.h"

namespace decant::database::sqlite {
namespace {

Result<std::vector<tasks::TaskId>> find_overdue(Connection& connection, std::chrono::milliseconds age, int limit) {
  DECANT_TRY(Statement statement, connection.prepare(sql::find_overdue));
  statement.bind(age, std::max(limit, 0));
  std::vector<tasks::TaskId> overdue;
  for (;;) {
    DECANT_TRY(const bool found, statement.step());
    if (!found) return overdue;
    if (const auto id = tasks::TaskId::parse(statement.text(0))) overdue.push_back(*id);
  }
}

}  // namespace

Result<void> Outbox::add(Connection& connection, const tasks::TaskId& task) const {
  if (rings_ == Rings::not_written) return {};
  DECANT_CHECK(connection.change(sql::insert_ring, task));
  DECANT_CHECK(connection.change(sql::note_ring, task));
  return {};
}

Result<int> Outbox::add_overdue(std::chrono::milliseconds age, int limit) {
  if (rings_ == Rings::not_written) return 0;
  return writer_.run([&](Connection& connection) -> Result<int> {
    DECANT_TRY(const auto overdue, find_overdue(connection, age, limit));
    for (const tasks::TaskId& task : overdue) DECANT_CHECK(add(connection, task));
    return static_cast<int>(overdue.size());
  });
}

Result<std::vector<tasks::Ring>> Outbox::take(int limit, std::chrono::milliseconds hold) {
  return writer_.run([&](Connection& connection) -> Result<std::vector<tasks::Ring>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::take_rings));
    statement.bind(hold, std::max(limit, 0));
    std::vector<tasks::Ring> rings;
    for (;;) {
      DECANT_TRY(const bool found, statement.step());
      if (!found) break;
      const auto task = tasks::TaskId::parse(statement.text(1));
      if (task) rings.push_back({statement.integer(0), {*task, statement.integer(2)}});
    }
    std::ranges::sort(rings, {}, &tasks::Ring::id);  // RETURNING promises no order
    return rings;
  });
}

Result<void> Outbox::mark_published(std::span<const std::int64_t> ids) {
  if (ids.empty()) return {};
  return writer_.run([&](Connection& connection) -> Result<void> {
    for (const std::int64_t id : ids) DECANT_CHECK(connection.change(sql::delete_ring, id));
    return {};
  });
}

Result<tasks::OutboxStats> Outbox::outbox_stats() {
  return readers_.run([](Connection& connection) -> Result<tasks::OutboxStats> {
    DECANT_TRY(Statement statement, connection.prepare(sql::count_rings));
    DECANT_CHECK(statement.step());
    return tasks::OutboxStats{.waiting = statement.integer(0),
                              .oldest_age = std::chrono::milliseconds(statement.integer(1))};
  });
}

}  // namespace decant::database::sqlite
