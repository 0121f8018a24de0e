#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "tasks/broker.h"
#include "tasks/task_store.h"

namespace decant::worker {

/// Why a conversion must end before it is done.
enum class StopReason {
  none,
  lost,     ///< the claim is somebody else's by now, or may be: the row is not to be touched any more
  drained,  ///< the worker ends: the task is to be given back
};

/// One claim as its slot and the LeaseKeeper share it. Thread-safe.
class Lease {
 public:
  /// `deadline`: until when the claim is surely this worker's, counted from before it was asked for.
  Lease(const tasks::Claim& claim, std::optional<tasks::Delivery> delivery, SteadyTime deadline)
      : task_(claim.task.id),
        trace_(claim.task.trace),
        fence_(claim.task.fence),
        delivery_(std::move(delivery)),
        deadline_(deadline) {}

  [[nodiscard]] const tasks::TaskId& task() const { return task_; }
  [[nodiscard]] const TraceContext& trace() const { return trace_; }
  [[nodiscard]] std::int64_t fence() const { return fence_; }
  [[nodiscard]] const std::optional<tasks::Delivery>& delivery() const { return delivery_; }

  [[nodiscard]] SteadyTime deadline() const { return deadline_; }
  void extend_to(SteadyTime deadline) { deadline_ = deadline; }

  [[nodiscard]] double progress() const { return progress_; }
  void report_progress(double progress) { progress_ = progress; }

  /// The first reason stays; says whether it was this.
  bool stop(StopReason reason) {
    StopReason none = StopReason::none;
    const bool is_first = reason_.compare_exchange_strong(none, reason);
    stop_.request_stop();
    return is_first;
  }
  [[nodiscard]] StopReason stop_reason() const { return reason_; }
  [[nodiscard]] std::stop_token stop_token() const { return stop_.get_token(); }

 private:
  tasks::TaskId task_;
  TraceContext trace_;
  std::int64_t fence_;
  std::optional<tasks::Delivery> delivery_;
  std::atomic<SteadyTime> deadline_;
  std::atomic<double> progress_ = 0;
  std::atomic<StopReason> reason_ = StopReason::none;
  std::stop_source stop_;
};

}  // namespace decant::worker
