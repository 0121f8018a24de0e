#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/log.h"
#include "tasks/broker.h"
#include "tasks/outbox.h"
#include "tasks/retry.h"

namespace decant::tasks {

struct RelayOptions {
  int batch = 100;  ///< rings taken at once
  /// After so long another relay publishes what this one took and did not mark. Longer than publishing a batch takes.
  std::chrono::milliseconds hold = std::chrono::seconds(20);
  /// How long it takes at the most to notice a ring that another process wrote, or whose time has come.
  std::chrono::milliseconds poll_interval = std::chrono::seconds(1);
  Backoff outage_backoff{std::chrono::milliseconds(250), std::chrono::seconds(5)};
};

/// Carries the rings of the outbox to the broker: takes, publishes, marks. Any number of relays may run at once and die
/// at any point: a ring is published at least once, and perhaps twice. As the bell of its process it is woken by
/// whatever wrote a ring here.
class Relay final : public Bell {
 public:
  /// The references outlive it.
  Relay(RelayOptions options, Outbox& outbox, Broker& broker, Logger& logger)
      : options_(options), outbox_(outbox), broker_(broker), logger_(logger) {}

  /// Wakes run(). Returns at once; from any thread. Which task it is stands in the outbox.
  Result<void> ring(const TaskRef& task) override;

  /// Publishes one batch; after an error the same again. How many: as many as `batch` when there may be more. Blocks;
  /// one thread at a time.
  Result<int> relay_once();

  /// Relays until it is told to stop, which it heeds between two batches.
  void run(const std::stop_token& stop);

 private:
  void relay_all(const std::stop_token& stop);

  RelayOptions options_;
  Outbox& outbox_;
  Broker& broker_;
  Logger& logger_;
  // Of the thread in run().
  std::vector<Ring> taken_;  ///< and not marked yet
  int outages_ = 0;          ///< in a row

  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool has_news_ = true;  ///< guarded by mutex_
};

}  // namespace decant::tasks
