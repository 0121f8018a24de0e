#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "base/log.h"
#include "tasks/sweep.h"

namespace decant::worker {

struct SweepLoopOptions {
  std::chrono::milliseconds interval = std::chrono::seconds(15);
  std::chrono::milliseconds jitter =
      std::chrono::seconds(5);  ///< at random up to this longer, so that processes do not sweep in step
  /// Hears what each sweep did, on the loop's thread.
  std::function<void(const tasks::SweepSummary&)> observe = [](const tasks::SweepSummary&) {};
};

/// Sweeps on a thread of its own: at once, then time and again until it is destroyed or stopped.
class SweepLoop {
 public:
  /// The references outlive it.
  SweepLoop(SweepLoopOptions options, tasks::Sweeper& sweeper, Logger& logger);

  /// Waits for a running sweep to end.
  void stop();

 private:
  void run(const std::stop_token& stop);

  SweepLoopOptions options_;
  tasks::Sweeper& sweeper_;
  Logger& logger_;
  std::jthread thread_;
};

}  // namespace decant::worker
