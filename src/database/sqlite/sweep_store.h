#pragma once

#include "database/sqlite/outbox.h"
#include "database/sqlite/readers.h"
#include "database/sqlite/writer.h"
#include "tasks/task_store.h"

namespace decant::database::sqlite {

class SweepStore final : public tasks::SweepStore {
 public:
  SweepStore(Readers& readers, Writer& writer, Outbox& outbox) : readers_(readers), writer_(writer), outbox_(outbox) {}

  Result<std::vector<tasks::TaskRef>> release_expired_leases(int limit) override;
  Result<int> ring_again(std::chrono::milliseconds age, int limit) override { return outbox_.add_overdue(age, limit); }
  Result<int> cancel_older_than(std::chrono::milliseconds age, int limit) override;
  Result<std::vector<tasks::Task>> list_canceled(int limit) override;
  Result<void> purge(const tasks::TaskId& id) override;
  Result<std::vector<std::string>> find_unreferenced(const std::vector<std::string>& keys) override;
  Result<std::vector<std::string>> remove_expired_uploads(int limit) override;

 private:
  Readers& readers_;
  Writer& writer_;
  Outbox& outbox_;
};

}  // namespace decant::database::sqlite
