#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "tasks/task.h"

namespace decant::tasks {

/// A ring of the bell as it reached a worker: "look at this row".
struct Delivery {
  std::optional<TaskRef> task;  ///< empty: look at whatever is ready (the database is the queue)
  std::string ack_id;           ///< the broker's own, empty where it has none
};

/// Tells workers that there is work. It may lose, repeat or delay a ring; the database decides what is done. Blocks;
/// thread-safe.
class Bell {
 public:
  virtual ~Bell() = default;
  /// After the row is committed.
  virtual Result<void> ring(const TaskRef& task) = 0;
};

/// Carries rings from processes to workers. Every call blocks; thread-safe.
class Broker : public Bell {
 public:
  Result<void> ring(const TaskRef& task) final { return publish(std::span(&task, 1)); }
  /// Rings for each of them. After an error some may have been rung for.
  virtual Result<void> publish(std::span<const TaskRef> tasks) = 0;
  /// Waits for a ring, at most `timeout`; nothing when none came, or after interrupt(). A ring that comes between two
  /// calls is kept for the next.
  virtual Result<std::optional<Delivery>> receive(std::chrono::milliseconds timeout) = 0;
  /// The work goes on: keeps the broker from ringing for it again before `lease` is over.
  virtual Result<void> extend(const Delivery& delivery, std::chrono::milliseconds lease) = 0;
  /// Done with: after the commit only.
  virtual Result<void> acknowledge(const Delivery& delivery) = 0;
  /// Not done: somebody else shall get it soon.
  virtual Result<void> release(const Delivery& delivery) = 0;
  /// Wakes every receive() that waits, and lets no further one wait. From any thread.
  virtual void interrupt() = 0;
};

}  // namespace decant::tasks
