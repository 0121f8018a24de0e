#include "database/postgresql/sweep_store.h"

#include "database/postgresql/direct_upload_store_sql.h"
#include "database/postgresql/sweep_store_sql.h"

namespace decant::database::postgresql {
namespace {

/// Decant's own keys are visible ASCII; what is not belongs to no task, and may not even be text.
bool may_be_a_key(std::string_view key) {
  return std::ranges::all_of(key, [](char character) { return character > ' ' && character <= '~'; });
}

/// The text form of an array of texts.
Literal to_array(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    if (!may_be_a_key(text)) continue;
    array += array.size() > 1 ? ",\"" : "\"";
    for (const char character : text) {
      if (character == '"' || character == '\\') array += '\\';
      array += character;
    }
    array += '"';
  }
  return {array + "}"};
}

}  // namespace

Result<std::vector<tasks::TaskRef>> SweepStore::release_expired_leases(int limit) {
  return pool_.run([&](Connection& connection) -> Result<std::vector<tasks::TaskRef>> {
    DECANT_TRY(const Rows rows, connection.query(sql::release_expired_leases, to_string(ErrorCode::crashed),
                                                 std::max(limit, 0), rings_));
    std::vector<tasks::TaskRef> ready;
    for (int row = 0; row < rows.count(); ++row) {
      const auto id = tasks::TaskId::parse(rows[row].text(0));
      if (id) ready.push_back({*id, rows[row].integer(1)});
    }
    return ready;
  });
}

Result<int> SweepStore::ring_again(std::chrono::milliseconds age, int limit) {
  if (!rings_) return 0;
  return pool_.run([&](Connection& connection) -> Result<int> {
    DECANT_TRY(const Rows rows, connection.query(sql::ring_again, age, std::max(limit, 0), rings_));
    return static_cast<int>(rows[0].integer(0));
  });
}

Result<int> SweepStore::cancel_older_than(std::chrono::milliseconds age, int limit) {
  return pool_.run([&](Connection& connection) -> Result<int> {
    DECANT_TRY(Transaction transaction, Transaction::begin(connection));
    DECANT_CHECK(connection.query(sql::one_at_a_time));
    DECANT_TRY(const std::int64_t rows, connection.change(sql::cancel_older_than, age, std::max(limit, 0)));
    DECANT_CHECK(transaction.commit());
    return static_cast<int>(rows);
  });
}

Result<std::vector<tasks::Task>> SweepStore::list_canceled(int limit) {
  return pool_.run([&](Connection& connection) -> Result<std::vector<tasks::Task>> {
    DECANT_TRY(const Rows rows, connection.query(sql::list_canceled, std::max(limit, 0)));
    return all_tasks(rows);
  });
}

Result<void> SweepStore::purge(const tasks::TaskId& id) {
  return pool_.run([&](Connection& connection) -> Result<void> {
    DECANT_CHECK(connection.change(sql::purge, id));
    return {};
  });
}

Result<std::vector<std::string>> SweepStore::remove_expired_uploads(int limit) {
  return pool_.run([&](Connection& connection) -> Result<std::vector<std::string>> {
    DECANT_TRY(Transaction transaction, Transaction::begin(connection));
    DECANT_CHECK(connection.query(sql::one_at_a_time));
    DECANT_TRY(const Rows rows, connection.query(sql::delete_expired_uploads, std::max(limit, 0)));
    std::vector<std::string> keys;
    for (int row = 0; row < rows.count(); ++row) keys.push_back(rows[row].text(0));
    DECANT_CHECK(transaction.commit());
    return keys;
  });
}

Result<std::vector<std::string>> SweepStore::find_unreferenced(const std::vector<std::string>& keys) {
  return pool_.run([&](Connection& connection) -> Result<std::vector<std::string>> {
    DECANT_TRY(const Rows rows, connection.query(sql::find_unreferenced, to_array(keys)));
    std::vector<std::string> unreferenced;
    for (int row = 0; row < rows.count(); ++row) unreferenced.push_back(rows[row].text(0));
    std::ranges::copy_if(keys, std::back_inserter(unreferenced), std::not_fn(may_be_a_key));
    return unreferenced;
  });
}

Result<tasks::QueueStats> QueueStatsSource::queue_stats() {
  return pool_.run([](Connection& connection) -> Result<tasks::QueueStats> {
    DECANT_TRY(const Rows rows, connection.query(sql::count_tasks));
    const Row counts = rows[0];
    return tasks::QueueStats{.ready = counts.integer(0),
                             .delayed = counts.integer(1),
                             .leased = counts.integer(2),
                             .processed = counts.integer(3),
                             .failed = counts.integer(4),
                             .oldest_ready_age = std::chrono::milliseconds(counts.integer(5))};
  });
}

}  // namespace decant::database::postgresql
