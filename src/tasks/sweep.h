#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/log.h"
#include "tasks/broker.h"
#include "tasks/object_store.h"
#include "tasks/task_store.h"

namespace decant::tasks {

struct SweeperOptions {
  std::chrono::milliseconds retention{0};  ///< finished tasks older than this are deleted; 0 keeps them for ever
  /// An object is an orphan only when it is older than this: a younger one may belong to a row that is about to be
  /// committed. Far longer than any lease, and than an upload's way from the store to the database.
  std::chrono::milliseconds orphan_grace = std::chrono::hours(1);
  std::chrono::milliseconds orphan_scan_interval = std::chrono::minutes(10);  ///< listing a whole store is not cheap
  std::chrono::milliseconds ring_again_after = std::chrono::minutes(5);       ///< a ready task is rung for this often
  int batch = 200;                                                            ///< rows or keys in one transaction
};

/// What one sweep did.
struct SweepSummary {
  int released = 0;         ///< tasks whose lease had run out, ready again
  int rung_again = 0;       ///< tasks that were ready for long: the broker may have lost their rings
  int expired = 0;          ///< tasks past the retention
  int purged = 0;           ///< canceled tasks forgotten with their files
  int uploads_expired = 0;  ///< direct uploads that nobody confirmed
  int orphans_removed = 0;  ///< objects of no task
  int failed_steps = 0;     ///< logged, and tried again by the next sweep
};

/// Brings the database and the object store back in order. Any number of processes may sweep at once and die at any
/// point: each action re-checks the row, or concerns what nobody refers to any more.
class Sweeper {
 public:
  /// The references outlive it.
  Sweeper(SweeperOptions options, SweepStore& store, ObjectStore& objects, Bell& bell, const Clock& clock,
          Logger& logger);

  /// Each step goes on when another fails. Blocks; one thread at a time.
  SweepSummary sweep_once();

 private:
  Result<void> release_expired_leases(SweepSummary& summary);
  Result<void> ring_again(SweepSummary& summary);
  Result<void> cancel_expired(SweepSummary& summary);
  Result<void> purge_canceled(SweepSummary& summary);
  Result<void> forget(const Task& task);
  Result<void> remove_expired_uploads(SweepSummary& summary);
  Result<void> remove_orphans(SweepSummary& summary);
  Result<void> remove_unreferenced(const std::vector<std::string>& keys, SweepSummary& summary);

  SweeperOptions options_;
  SweepStore& store_;
  ObjectStore& objects_;
  Bell& bell_;
  const Clock& clock_;
  Logger& logger_;
  std::optional<SteadyTime> next_orphan_scan_;
};

}  // namespace decant::tasks
