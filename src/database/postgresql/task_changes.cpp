#include "database/postgresql/task_changes.h"

#include "database/change_row.h"
#include "database/postgresql/task_changes_sql.h"

namespace decant::database::postgresql {
namespace {

Result<tasks::ChangePosition> read_newest(Connection& connection) {
  DECANT_TRY(const Rows rows, connection.query(sql::newest_change));
  return tasks::ChangePosition{rows[0].integer(0), tasks::ChangePosition::last_row};
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

Result<tasks::ChangePosition> TaskChanges::newest_position() { return pool_.run(read_newest); }

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
    DECANT_TRY(const tasks::ChangePosition newest, read_newest(connection));
    DECANT_TRY(const Rows changed, connection.query(sql::list_changes, users, query.after.change, query.after.row,
                                                    newest.change, limit + 1));
    DECANT_TRY(const Rows overlapping, connection.query(sql::list_overlapping, users, newest.change, limit));
    DECANT_TRY(const Rows running, connection.query(sql::list_running, users, query.progress_within, limit));
    DECANT_CHECK(transaction.commit());
    tasks::Changes changes;
    DECANT_CHECK(read_changes(changed, changes.changed));
    DECANT_CHECK(read_changes(overlapping, changes.early));
    DECANT_CHECK(read_changes(running, changes.early));
    finish_page(changes, limit, newest);
    return changes;
  });
}

}  // namespace decant::database::postgresql
