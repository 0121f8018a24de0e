#pragma once

#include "database/postgresql/pool.h"
#include "tasks/task_store.h"

namespace decant::database::postgresql {

/// Whether what makes a task ready writes a ring.
enum class Rings { written, not_written };

class TaskStore final : public tasks::TaskStore {
 public:
  TaskStore(Pool& pool, Rings rings) : pool_(pool), rings_(rings == Rings::written) {}

  Result<std::optional<tasks::Task>> find_task(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<std::vector<tasks::Task>> list_tasks(const tasks::ListQuery& query) override;
  std::optional<std::int64_t> list_version() override { return std::nullopt; }
  Result<tasks::Task> insert_task(const tasks::NewTask& task) override;
  Result<tasks::Task> reconvert(const tasks::Reconversion& change) override;
  Result<std::optional<tasks::Task>> cancel_task(const tasks::TaskId& id, const tasks::UserId& user) override;

 private:
  Result<tasks::Task> insert(Connection& connection, const tasks::NewTask& task) const;

  Pool& pool_;
  const bool rings_;
};

}  // namespace decant::database::postgresql
