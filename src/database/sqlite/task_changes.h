#pragma once

#include "database/sqlite/readers.h"
#include "tasks/task_changes.h"

namespace decant::database::sqlite {

/// Changes are counted (migrations/sqlite/0005_changes.sql); one writer at a time means that none comes late.
class TaskChanges final : public tasks::TaskChanges {
 public:
  explicit TaskChanges(Readers& readers) : readers_(readers) {}

  Result<tasks::ChangePosition> newest_position() override;
  Result<std::optional<tasks::TaskChange>> find_change(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<tasks::Changes> list_changes(const tasks::ChangeQuery& query) override;

 private:
  Readers& readers_;
};

}  // namespace decant::database::sqlite
