#pragma once

#include "database/sqlite/readers.h"
#include "tasks/task_store.h"

namespace decant::database::sqlite {

/// Counts by index; a hundred thousand finished tasks take some milliseconds.
class QueueStatsSource final : public tasks::QueueStatsSource {
 public:
  explicit QueueStatsSource(Readers& readers) : readers_(readers) {}
  Result<tasks::QueueStats> queue_stats() override;

 private:
  Readers& readers_;
};

}  // namespace decant::database::sqlite
