#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "tasks/broker.h"
#include "tasks/task_store.h"
#include "tasks/work_observer.h"
#include "worker/lease.h"

namespace decant::worker {

struct LeaseOptions {
  std::chrono::milliseconds lease = std::chrono::seconds(60);
  std::chrono::milliseconds heartbeat = std::chrono::seconds(20);       ///< a third of the lease: two may fail
  std::chrono::milliseconds heartbeat_retry = std::chrono::seconds(2);  ///< after one that failed
  std::chrono::milliseconds progress_interval =
      std::chrono::milliseconds(500);  ///< an earlier heartbeat for progress, at the soonest
  double progress_step = 0.01;         ///< … and for no less progress than this
};

/// Sends the heartbeats of all slots of a worker from one thread, and stops the conversions whose lease is or may be
/// lost.
class LeaseKeeper {
 public:
  /// The references outlive it.
  LeaseKeeper(LeaseOptions options, tasks::TaskQueue& queue, tasks::Broker& broker, tasks::WorkObserver& observer,
              const Clock& clock, Logger& logger);

  /// Keeps a lease alive for as long as it exists.
  class Hold {
   public:
    Hold(LeaseKeeper& keeper, std::shared_ptr<Lease> lease);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    [[nodiscard]] Lease& lease() const { return *lease_; }

   private:
    LeaseKeeper& keeper_;
    std::shared_ptr<Lease> lease_;
  };

  /// `asked`: the time before the claim was sent.
  [[nodiscard]] Hold hold(const tasks::Claim& claim, std::optional<tasks::Delivery> delivery, SteadyTime asked);

  /// Stops everything that is still held at `stop_at` or later, as drained. An earlier time replaces a later one.
  void drain(SteadyTime stop_at);
  [[nodiscard]] bool is_draining() const;

  /// Sends the heartbeats that are due, ends what is past its time, and says how long nothing will be due. Blocks on
  /// the database.
  std::chrono::milliseconds beat();
  /// Beats until it is told to stop.
  void run(const std::stop_token& stop);

 private:
  struct Beat {
    /// Shared because a slot may be done with its lease while the keeper waits for the database's answer about it.
    std::shared_ptr<Lease> lease;
    SteadyTime next_heartbeat;
    SteadyTime next_progress;
    double sent_progress = 0;
  };
  enum class Occasion { heartbeat, progress };
  struct Due {
    std::shared_ptr<Lease> lease;
    Occasion occasion;
  };

  void lose(Lease& lease);
  void stop_what_is_over(SteadyTime now);
  [[nodiscard]] std::vector<Due> find_due(SteadyTime now);
  void send(const Due& due);
  void extend_delivery(const Lease& lease);
  void schedule(const Due& due, std::chrono::milliseconds next_heartbeat, double sent_progress);
  [[nodiscard]] std::chrono::milliseconds time_to_next_beat(SteadyTime now) const;
  void forget(const Lease& lease);

  LeaseOptions options_;
  tasks::TaskQueue& queue_;
  tasks::Broker& broker_;
  tasks::WorkObserver& observer_;
  const Clock& clock_;
  Logger& logger_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool has_changed_ = false;
  std::vector<Beat> beats_;
  std::optional<SteadyTime> drain_at_;
};

}  // namespace decant::worker
