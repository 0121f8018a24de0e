#pragma once

#include "database/postgresql/pool.h"
#include "database/postgresql/task_store.h"

namespace decant::database::postgresql {

class SweepStore final : public tasks::SweepStore {
 public:
  SweepStore(Pool& pool, Rings rings) : pool_(pool), rings_(rings == Rings::written) {}

  Result<std::vector<tasks::TaskRef>> release_expired_leases(int limit) override;
  Result<int> ring_again(std::chrono::milliseconds age, int limit) override;
  Result<int> cancel_older_than(std::chrono::milliseconds age, int limit) override;
  Result<std::vector<tasks::Task>> list_canceled(int limit) override;
  Result<void> purge(const tasks::TaskId& id) override;
  Result<std::vector<std::string>> find_unreferenced(const std::vector<std::string>& keys) override;
  Result<std::vector<std::string>> remove_expired_uploads(int limit) override;

 private:
  Pool& pool_;
  const bool rings_;
};

/// Counts by index.
class QueueStatsSource final : public tasks::QueueStatsSource {
 public:
  explicit QueueStatsSource(Pool& pool) : pool_(pool) {}
  Result<tasks::QueueStats> queue_stats() override;

 private:
  Pool& pool_;
};

}  // namespace decant::database::postgresql
