#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tasks/task.h"

namespace decant::tasks {

/// A task in the hands of a worker.
struct RunningTask {
  TaskId task;
  std::string worker;  ///< as it called itself in its ClaimRequest
  std::string target;
  int attempt = 0;
  double progress = 0;  ///< 0 to 1
};

struct FailedTask {
  TaskId task;
  std::string target;
  TaskError error;
  std::chrono::milliseconds age{};  ///< since it failed for good
};

/// The work as a person who watches it sees it, beside QueueStats. Every call blocks; thread-safe.
class WorkView {
 public:
  virtual ~WorkView() = default;
  /// At most `limit`, those first that were inserted first.
  virtual Result<std::vector<RunningTask>> running_tasks(int limit) = 0;
  /// At most `limit` of those that are there yet, the last one first.
  virtual Result<std::vector<FailedTask>> failed_tasks(int limit) = 0;
};

}  // namespace decant::tasks
