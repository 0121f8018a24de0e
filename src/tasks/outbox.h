#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "tasks/task_store.h"

namespace decant::tasks {

/// A ring of the bell that is still owed: "this row is ready, tell the broker".
struct Ring {
  std::int64_t id = 0;  ///< of the outbox row, for mark_published()
  TaskRef task;
};

/// How far the publishing lags behind.
struct OutboxStats {
  std::int64_t waiting = 0;                ///< rings owed whose time has come, taken or not
  std::chrono::milliseconds oldest_age{};  ///< of them, since the task became ready; zero when none waits
};

/// Between the truth and a broker that is not the database (a transactional outbox): the transaction that makes a task
/// ready (insert, reconvert, fail with a pause, give back, a lease freed by the sweep, ring_again) also writes that it
/// is to be rung for, at the time when it may be claimed. So no crash can lose a ring. Whether rings are written is
/// decided when the database is opened; where they are not, the outbox is empty for ever.
///
/// A relay takes, publishes, then marks. Any number of them may run at once, and die at any point: a mark that is lost
/// rings twice, which the claim makes harmless. A ring says nothing of the task's state by the time it is published.
/// Every call is one transaction and blocks; thread-safe. Time is the database's.
class Outbox {
 public:
  virtual ~Outbox() = default;
  /// At most `limit` rings whose time has come, oldest first. No relay gets them again before `hold` is over, and then
  /// only those that nobody has marked.
  virtual Result<std::vector<Ring>> take(int limit, std::chrono::milliseconds hold) = 0;
  /// The broker has them: forgets the rings. An id that is gone already is no error.
  virtual Result<void> mark_published(std::span<const std::int64_t> ids) = 0;
  virtual Result<OutboxStats> outbox_stats() = 0;
};

}  // namespace decant::tasks
