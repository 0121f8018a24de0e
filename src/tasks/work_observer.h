#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"
#include "tasks/analysis.h"
#include "tasks/task.h"

namespace decant::tasks {

/// A task that a worker brought to its end.
struct FinishedTask {
  const Task& task;                      ///< as it was claimed
  State result = State::FAILED;          ///< PROCESSED or FAILED
  std::chrono::duration<double> took{};  ///< by its last attempt, from the claim to the end
  AudioTime audio{};                     ///< of the result; zero without one. The engine's word, so any number
};

/// Hears what becomes of a worker's tasks, to count it. Called from any thread; returns at once and throws nothing.
class WorkObserver {
 public:
  virtual ~WorkObserver() = default;
  /// The database has it. Not for an attempt after which the task is tried again.
  virtual void task_finished(const FinishedTask& finished) = 0;
  /// A worker found that a task is not, or may not be, its own any more: its lease ran out, or somebody deleted or
  /// reconverted the task. Once for each claim.
  virtual void lease_lost() = 0;
  /// The database refused what a worker said about a task, for its fence is not the task's any more.
  virtual void fence_rejected() = 0;
  /// What the broker answered when it was told that a ring is done with, or is to come again.
  virtual void delivery_settled(const Result<void>& answer) = 0;
};

}  // namespace decant::tasks
