#pragma once

#include "database/postgresql/pool.h"
#include "tasks/work_view.h"

namespace decant::database::postgresql {

class WorkView final : public tasks::WorkView {
 public:
  explicit WorkView(Pool& pool) : pool_(pool) {}
  Result<std::vector<tasks::RunningTask>> running_tasks(int limit) override;
  Result<std::vector<tasks::FailedTask>> failed_tasks(int limit) override;

 private:
  Pool& pool_;
};

}  // namespace decant::database::postgresql
