#pragma once

#include <cstdint>
#include <optional>

#include "base/file.h"
#include "tasks/outbox.h"
#include "tasks/task_store.h"

namespace decant::metrics {

struct DiskSpace {
  ByteCount size = 0;
  ByteCount free = 0;  ///< for decant's user
};

/// The slots of this process's worker.
struct Slots {
  int all = 0;
  int busy = 0;
};

/// What holds at the moment of a scrape. What is empty is not shown: a part that this process does not have, or that is
/// away.
struct State {
  bool database_answers = false;
  std::optional<tasks::QueueStats> queue;
  std::optional<tasks::OutboxStats> outbox;
  std::optional<Slots> slots;
  std::optional<DiskSpace> disk;  ///< of the data folder's file system
};

}  // namespace decant::metrics
