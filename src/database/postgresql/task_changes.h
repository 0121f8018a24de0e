#pragma once

#include "database/postgresql/pool.h"
#include "tasks/task_changes.h"

namespace decant::database::postgresql {

/// A change is named by its transaction (migrations/postgresql/0003_changes.sql), and a position is the end of those
/// that are over. While a transaction stays open that has written something, here or in another database of the server,
/// positions stand still; changes behind it are told early, the newest first.
class TaskChanges final : public tasks::TaskChanges {
 public:
  explicit TaskChanges(Pool& pool) : pool_(pool) {}

  Result<tasks::ChangePosition> newest_position() override;
  Result<std::optional<tasks::TaskChange>> find_change(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<tasks::Changes> list_changes(const tasks::ChangeQuery& query) override;

 private:
  Pool& pool_;
};

}  // namespace decant::database::postgresql
