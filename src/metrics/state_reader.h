#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "metrics/state.h"

namespace decant::metrics {

/// Where a process's State comes from. All outlive the reader; all but `check` and `data_folder` may be empty.
struct StateSources {
  std::function<Result<void>()> check;       ///< whether the database answers
  tasks::QueueStatsSource* queue = nullptr;  ///< null: other processes show the queue
  tasks::Outbox* outbox = nullptr;           ///< null: no broker of its own, or other processes show it
  std::function<Slots()> slots = {};         ///< empty: no worker
  std::string data_folder;
};

/// Reads the state at most once in a lifetime of a second, however many ask. Thread-safe; blocks on the database.
class StateReader {
 public:
  StateReader(StateSources sources, const Clock& clock) : sources_(std::move(sources)), clock_(clock) {}

  State read();

 private:
  [[nodiscard]] State read_anew() const;

  StateSources sources_;
  const Clock& clock_;
  std::mutex mutex_;
  State state_;
  std::optional<SteadyTime> expires_;
};

}  // namespace decant::metrics
