#pragma once

#include "database/sqlite/readers.h"
#include "database/sqlite/writer.h"
#include "tasks/task_store.h"

namespace decant::database::sqlite {

class SweepStore final : public tasks::SweepStore {
 public:
  SweepStore(Readers& readers, Writer& writer) : readers_(readers), writer_(writer) {}

  Result<std::vector<tasks::TaskRef>> release_expired_leases(int limit) override;
  Result<int> cancel_older_than(std::chrono::milliseconds age, int limit) override;
  Result<std::vector<tasks::Task>> list_canceled(int limit) override;
  Result<void> purge(const tasks::TaskId& id) override;
  Result<std::vector<std::string>> find_unreferenced(const std::vector<std::string>& keys) override;

 private:
  Readers& readers_;
  Writer& writer_;
};

}  // namespace decant::database::sqlite
