#include "database/postgresql/task_changes.h"

#include "database/change_row.h"
#include "database/postgresql/task_changes_sql.h"

namespace decant::database::postgresql {
namespace {

struct Transactions {
  tasks::ChangePosition newest;  ///< of those that are over, as are all before it
  std::int64_t last = 0;         ///< that has begun
};

Result<Transactions> read_transactions(Connection& connection) {
  DECANT_TRY(const Rows rows, connection.query(sql::newest_change));
  return Transactions{{rows[0].integer(0), tasks::ChangePosition::last_row}, rows[0].integer(1)};
}

Result<void> read_changes(const Rows& rows, std::vector<tasks::TaskChange>& changes) {
  for (int row = 0; row < rows.count(); ++row) {
    DECANT_TRY(tasks::TaskChange change, read_change(rows[row]));
    changes.push_back(std::move(change));
  }
  return {};
}

Literal to_array(const std::vector<tasks::UserId>& users) {
  std::string array = "{";
  for (const tasks::UserId& user : users) {
    if (array.size() > 1) array += ',';
    array += user.text();
  }
  return {array + "}"};
}

}  // namespace

Result<tasks::ChangePosition> TaskChanges::newest_position() {
  return pool_.run([](Connection& connection) -> Result<tasks::ChangePosition> {
    DECANT_TRY(const Transactions transactions, read_transactions(connection));
    return transactions.newest;
  });
}

Result<std::optional<tasks::TaskChange>> TaskChanges::find_change(const tasks::TaskId& id, const tasks::UserId& user) {
  return pool_.run([&](Connection& connection) -> Result<std::optional<tasks::TaskChange>> {
    DECANT_TRY(const Rows rows, connection.query(sql::find_change, id, user));
    if (rows.count() == 0) return std::nullopt;
    return read_change(rows[0]);
  });
}

Result<tasks::Changes> TaskChanges::list_changes(const tasks::ChangeQuery& query) {
  const Literal users = to_array(query.users);
  const int limit = std::max(query.limit, 1);
  return pool_.run([&](Connection& connection) -> Result<tasks::Changes> {
    DECANT_TRY(Transaction transaction, Transaction::begin_snapshot(connection));
    DECANT_TRY(const Transactions now, read_transactions(connection));
    tasks::Changes changes;
    // Most looks find that nothing happened at all, and then ask for no user.
    if (query.after < now.newest) {
      DECANT_TRY(const Rows rows, connection.query(sql::list_changes, users, query.after.change, query.after.row,
                                                   now.newest.change, limit + 1));
      DECANT_CHECK(read_changes(rows, changes.changed));
    }
    if (now.last > now.newest.change) {
      DECANT_TRY(const Rows rows, connection.query(sql::list_overlapping, users, now.newest.change, now.last, limit));
      DECANT_CHECK(read_changes(rows, changes.early));
    }
    DECANT_TRY(const Rows running, connection.query(sql::list_running, users, query.progress_within, limit));
    DECANT_CHECK(read_changes(running, changes.early));
    DECANT_CHECK(transaction.commit());
    finish_page(changes, limit, now.newest);
    return changes;
  });
}

}  // namespace decant::database::postgresql
