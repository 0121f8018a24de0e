#include "database/sqlite/task_changes.h"

#include "database/change_row.h"
#include "database/sqlite/task_changes_sql.h"

namespace decant::database::sqlite {
namespace {

Result<tasks::ChangePosition> read_newest(Connection& connection) {
  DECANT_TRY(Statement statement, connection.prepare(sql::newest_change));
  DECANT_CHECK(statement.step());
  return tasks::ChangePosition{statement.integer(0), tasks::ChangePosition::last_row};
}

Result<std::vector<tasks::TaskChange>> all_changes(Statement& statement) {
  std::vector<tasks::TaskChange> changes;
  for (;;) {
    DECANT_TRY(const bool found, statement.step());
    if (!found) return changes;
    DECANT_TRY(tasks::TaskChange change, read_change(statement));
    changes.push_back(std::move(change));
  }
}

std::string to_json(const std::vector<tasks::UserId>& users) {
  std::string json = "[";
  for (const tasks::UserId& user : users) {
    if (json.size() > 1) json += ',';
    json.append("\"").append(user.text()).append("\"");
  }
  return json + "]";
}

}  // namespace

Result<tasks::ChangePosition> TaskChanges::newest_position() { return readers_.run(read_newest); }

Result<std::optional<tasks::TaskChange>> TaskChanges::find_change(const tasks::TaskId& id, const tasks::UserId& user) {
  return readers_.run([&](Connection& connection) -> Result<std::optional<tasks::TaskChange>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::find_change));
    statement.bind(id, user);
    DECANT_TRY(const bool found, statement.step());
    if (!found) return std::nullopt;
    return read_change(statement);
  });
}

Result<tasks::Changes> TaskChanges::list_changes(const tasks::ChangeQuery& query) {
  const std::string users = to_json(query.users);
  const int limit = std::max(query.limit, 1);
  return readers_.run([&](Connection& connection) -> Result<tasks::Changes> {
    DECANT_TRY(Transaction transaction, Transaction::begin_read(connection));
    DECANT_TRY(const tasks::ChangePosition newest, read_newest(connection));
    tasks::Changes changes;
    // Most looks find that nothing happened at all, and then ask for no user.
    if (query.after < newest) {
      DECANT_TRY(Statement statement, connection.prepare(sql::list_changes));
      statement.bind(users, query.after.change, query.after.row, limit + 1);
      DECANT_TRY(changes.changed, all_changes(statement));
    }
    {
      DECANT_TRY(Statement statement, connection.prepare(sql::list_running));
      statement.bind(users, query.progress_within, limit);
      DECANT_TRY(changes.early, all_changes(statement));
    }
    DECANT_CHECK(transaction.commit());
    finish_page(changes, limit, newest);
    return changes;
  });
}

}  // namespace decant::database::sqlite
