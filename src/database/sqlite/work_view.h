#pragma once

#include "database/sqlite/readers.h"
#include "tasks/work_view.h"

namespace decant::database::sqlite {

class WorkView final : public tasks::WorkView {
 public:
  explicit WorkView(Readers& readers) : readers_(readers) {}
  Result<std::vector<tasks::RunningTask>> running_tasks(int limit) override;
  Result<std::vector<tasks::FailedTask>> failed_tasks(int limit) override;

 private:
  Readers& readers_;
};

}  // namespace decant::database::sqlite
