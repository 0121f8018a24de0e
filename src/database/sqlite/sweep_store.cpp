#include "database/sqlite/sweep_store.h"

#include "database/sqlite/direct_upload_store_sql.h"
#include "database/sqlite/sweep_store_sql.h"

namespace decant::database::sqlite {

Result<std::vector<tasks::TaskRef>> SweepStore::release_expired_leases(int limit) {
  return writer_.run([&](Connection& connection) -> Result<std::vector<tasks::TaskRef>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::release_expired_leases));
    statement.bind(to_string(ErrorCode::crashed), std::max(limit, 0));
    std::vector<tasks::TaskRef> ready;
    for (;;) {
      DECANT_TRY(const bool found, statement.step());
      if (!found) break;
      const auto id = tasks::TaskId::parse(statement.text(0));
      if (id && statement.integer(2) != 0) ready.push_back({*id, statement.integer(1)});
    }
    for (const tasks::TaskRef& task : ready) DECANT_CHECK(outbox_.add(connection, task.task));
    return ready;
  });
}

Result<int> SweepStore::cancel_older_than(std::chrono::milliseconds age, int limit) {
  return writer_.run([&](Connection& connection) -> Result<int> {
    DECANT_TRY(const std::int64_t rows, connection.change(sql::cancel_older_than, age, std::max(limit, 0)));
    return static_cast<int>(rows);
  });
}

Result<std::vector<tasks::Task>> SweepStore::list_canceled(int limit) {
  return readers_.run([&](Connection& connection) -> Result<std::vector<tasks::Task>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::list_canceled));
    statement.bind(std::max(limit, 0));
    return all_tasks(statement);
  });
}

Result<void> SweepStore::purge(const tasks::TaskId& id) {
  return writer_.run([&](Connection& connection) -> Result<void> {
    DECANT_CHECK(connection.change(sql::purge, id));
    return {};
  });
}

Result<std::vector<std::string>> SweepStore::remove_expired_uploads(int limit) {
  return writer_.run([&](Connection& connection) -> Result<std::vector<std::string>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::delete_expired_uploads));
    statement.bind(std::max(limit, 0));
    std::vector<std::string> keys;
    for (;;) {
      DECANT_TRY(const bool found, statement.step());
      if (!found) return keys;
      keys.push_back(statement.text(0));
    }
  });
}

Result<std::vector<std::string>> SweepStore::find_unreferenced(const std::vector<std::string>& keys) {
  return readers_.run([&](Connection& connection) -> Result<std::vector<std::string>> {
    DECANT_TRY(Transaction transaction, Transaction::begin_read(connection));
    std::vector<std::string> unreferenced;
    for (const std::string& key : keys) {
      DECANT_TRY(Statement statement, connection.prepare(sql::is_referenced));
      statement.bind(key);
      DECANT_CHECK(statement.step());
      if (statement.integer(0) == 0) unreferenced.push_back(key);
    }
    DECANT_CHECK(transaction.commit());
    return unreferenced;
  });
}

}  // namespace decant::database::sqlite
