#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "worker/attempt.h"
#include "worker/lease_keeper.h"

namespace decant::worker {

struct WorkerOptions {
  std::string name = "worker";  ///< for people: host and process
  int slots = 1;                ///< conversions at once
  LeaseOptions lease;
  AttemptOptions attempt;
  /// How long an idle worker waits for the bell before it looks by itself, should a ring be lost.
  std::chrono::milliseconds poll_interval = std::chrono::seconds(5);
  std::chrono::milliseconds shortest_wait =
      std::chrono::milliseconds(20);  ///< between two looks that the bell did not cause
  tasks::Backoff outage_backoff{std::chrono::milliseconds(250),
                                std::chrono::seconds(5)};  ///< while the database or broker is away
  std::chrono::milliseconds drain_margin =
      std::chrono::seconds(1);  ///< of the drain budget, for stopping and giving back
};

/// Takes tasks and converts them, `slots` at once: docs/job_states.md, edges claim, commit, retry, fail and give_back.
///
/// One of the idle slots listens to the bell; the others queue behind it. Whoever got a task lets the next one look, so
/// a single ring brings every slot to work that there is work for, and costs one fruitless look.
class Worker {
 public:
  /// The references outlive it.
  Worker(WorkerOptions options, tasks::TaskQueue& queue, tasks::ObjectStore& objects, tasks::Broker& broker,
         tasks::Converter& converter, tasks::WorkObserver& observer, const Clock& clock, Logger& logger);

  /// Works until it is drained. Blocks; once.
  void run();

  /// Claims no more; run() returns when the running conversions are done, or soon after `budget` less the margin, when
  /// they are stopped and given back without spending their attempt. Returns at once, from any thread, before or during
  /// run(); a shorter budget replaces a longer one. Interrupts the broker.
  void drain(std::chrono::milliseconds budget);

  /// Slots that have a task, at this moment.
  [[nodiscard]] int busy_slots() const { return busy_slots_; }

 private:
  struct Job {
    tasks::Claim claim;
    std::optional<tasks::Delivery> delivery;
    SteadyTime asked;  ///< the time before the claim was sent
  };

  void run_slot();
  void work_on(const Job& job);
  void finish_delivery(const Job& job, Outcome outcome);
  /// Waits in turn for a task; nothing when the worker drains.
  std::optional<Job> find_job();
  /// A task that waits already: a slot that comes from one needs no turn.
  std::optional<Job> find_next_job();
  Result<std::optional<Job>> look(const std::optional<tasks::Delivery>& delivery);
  Result<std::optional<Job>> wait_for_job();
  void pause(std::chrono::milliseconds duration);

  WorkerOptions options_;
  Parts parts_;
  LeaseKeeper keeper_;
  std::atomic<int> busy_slots_ = 0;

  std::mutex listening_;  ///< held by the slot that listens
  int outages_ = 0;       ///< in a row; guarded by listening_

  std::atomic<int> given_back_ = 0;  ///< tasks in a row

  std::mutex pausing_;
  std::condition_variable drained_;
};

}  // namespace decant::worker
