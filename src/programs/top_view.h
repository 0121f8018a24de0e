#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tasks/outbox.h"
#include "tasks/task_store.h"
#include "tasks/work_view.h"

namespace decant::programs {

/// The work at one moment.
struct WorkSample {
  SteadyTime at;
  tasks::QueueStats queue;
  std::optional<tasks::OutboxStats> outbox;  ///< with a broker of its own
  std::vector<tasks::RunningTask> running;
  std::vector<tasks::FailedTask> failed;
};

/// Finished tasks a minute, from the samples of the last minute.
class WorkRates {
 public:
  struct Rates {
    double processed = 0;
    double failed = 0;
  };

  void add(const WorkSample& sample);
  /// Nothing before the second sample. Deleted tasks make it too low, never negative.
  [[nodiscard]] std::optional<Rates> a_minute() const;

 private:
  struct Counts {
    SteadyTime at;
    std::int64_t processed = 0;
    std::int64_t failed = 0;
  };
  std::deque<Counts> counts_;
};

/// The sample for people, one string a line, without control characters.
[[nodiscard]] std::vector<std::string> show_work(const WorkSample& sample,
                                                 const std::optional<WorkRates::Rates>& rates);

/// The first `columns` characters of a line of UTF-8, or all.
[[nodiscard]] std::string clip(std::string line, std::size_t columns);

/// {"queue": {"ready", "delayed", "leased", "processed", "failed", "oldestReadyAgeSeconds"}, "outbox"?: {"waiting",
/// "oldestAgeSeconds"}, "running": [{"task", "worker", "target", "attempt", "progress"}], "failed": [{"task", "target",
/// "code", "message", "ageSeconds"}]}
[[nodiscard]] std::string work_json(const WorkSample& sample);

}  // namespace decant::programs
