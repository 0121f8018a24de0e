#include "worker/lease_keeper.h"

#include <algorithm>
#include <cmath>

namespace decant::worker {
namespace {

constexpr std::chrono::milliseconds nothing_to_do = std::chrono::hours(1);

}  // namespace

LeaseKeeper::LeaseKeeper(LeaseOptions options, tasks::TaskQueue& queue, tasks::Broker& broker,
                         tasks::WorkObserver& observer, const Clock& clock, Logger& logger)
    : options_(options), queue_(queue), broker_(broker), observer_(observer), clock_(clock), logger_(logger) {}

LeaseKeeper::Hold::Hold(LeaseKeeper& keeper, std::shared_ptr<Lease> lease)
    : keeper_(keeper), lease_(std::move(lease)) {}

LeaseKeeper::Hold::~Hold() { keeper_.forget(*lease_); }

LeaseKeeper::Hold LeaseKeeper::hold(const tasks::Claim& claim, std::optional<tasks::Delivery> delivery,
                                    SteadyTime asked) {
  auto lease = std::make_shared<Lease>(claim, std::move(delivery), asked + options_.lease);
  {
    const std::lock_guard lock(mutex_);
    beats_.push_back({lease, asked + options_.heartbeat, asked + options_.progress_interval});
    has_changed_ = true;
  }
  changed_.notify_all();
  return {*this, std::move(lease)};
}

void LeaseKeeper::forget(const Lease& lease) {
  const std::lock_guard lock(mutex_);
  std::erase_if(beats_, [&](const Beat& beat) { return beat.lease.get() == &lease; });
}

void LeaseKeeper::drain(SteadyTime stop_at) {
  {
    const std::lock_guard lock(mutex_);
    drain_at_ = drain_at_ ? std::min(*drain_at_, stop_at) : stop_at;
    has_changed_ = true;
  }
  changed_.notify_all();
}

bool LeaseKeeper::is_draining() const {
  const std::lock_guard lock(mutex_);
  return drain_at_.has_value();
}

void LeaseKeeper::lose(Lease& lease) {
  if (lease.stop(StopReason::lost)) observer_.lease_lost();
}

void LeaseKeeper::stop_what_is_over(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  for (const Beat& beat : beats_) {
    if (now >= beat.lease->deadline()) lose(*beat.lease);
    if (drain_at_ && now >= *drain_at_) beat.lease->stop(StopReason::drained);
  }
}

std::vector<LeaseKeeper::Due> LeaseKeeper::find_due(SteadyTime now) {
  std::vector<Due> due;
  const std::lock_guard lock(mutex_);
  for (const Beat& beat : beats_) {
    if (beat.lease->stop_reason() == StopReason::lost) continue;
    const bool has_news = beat.lease->progress() - beat.sent_progress >= options_.progress_step;
    if (now >= beat.next_heartbeat) {
      due.push_back({beat.lease, Occasion::heartbeat});
    } else if (has_news && now >= beat.next_progress) {
      due.push_back({beat.lease, Occasion::progress});
    }
  }
  return due;
}

void LeaseKeeper::send(const Due& due) {
  Lease& lease = *due.lease;
  // The database counts the lease from when it hears; counting from before that errs on the safe side.
  const SteadyTime before = clock_.steady_now();
  const double progress = lease.progress();
  const Result<bool> kept = queue_.heartbeat(lease.task(), lease.fence(), options_.lease, progress);
  schedule(due, kept ? options_.heartbeat : options_.heartbeat_retry, progress);
  if (!kept) {
    logger_.warning(
        "a heartbeat failed",
        {{"task", lease.task().text()}, {"trace", lease.trace().trace_id()}, {"error", kept.error().describe()}});
  } else if (*kept) {
    lease.extend_to(before + options_.lease);
    if (due.occasion == Occasion::heartbeat) extend_delivery(lease);
  } else {
    observer_.fence_rejected();
    lose(lease);
  }
}

void LeaseKeeper::extend_delivery(const Lease& lease) {
  if (!lease.delivery()) return;
  const Result<void> extended = broker_.extend(*lease.delivery(), options_.lease);
  if (extended) return;
  logger_.warning(
      "the broker did not extend a delivery",
      {{"task", lease.task().text()}, {"trace", lease.trace().trace_id()}, {"error", extended.error().describe()}});
}

void LeaseKeeper::schedule(const Due& due, std::chrono::milliseconds next_heartbeat, double sent_progress) {
  const SteadyTime now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  for (Beat& beat : beats_) {
    if (beat.lease != due.lease) continue;
    if (due.occasion == Occasion::heartbeat) beat.next_heartbeat = now + next_heartbeat;
    beat.next_progress = now + options_.progress_interval;
    beat.sent_progress = sent_progress;
  }
}

std::chrono::milliseconds LeaseKeeper::time_to_next_beat(SteadyTime now) const {
  SteadyTime next = now + nothing_to_do;
  const std::lock_guard lock(mutex_);
  for (const Beat& beat : beats_) {
    if (beat.lease->stop_reason() == StopReason::lost) continue;
    next = std::min({next, beat.next_heartbeat, std::max(beat.next_progress, now + options_.progress_interval),
                     beat.lease->deadline()});
    if (drain_at_ && beat.lease->stop_reason() == StopReason::none) next = std::min(next, *drain_at_);
  }
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(next - now), std::chrono::milliseconds(0));
}

std::chrono::milliseconds LeaseKeeper::beat() {
  stop_what_is_over(clock_.steady_now());
  for (const Due& due : find_due(clock_.steady_now())) send(due);
  stop_what_is_over(clock_.steady_now());
  return time_to_next_beat(clock_.steady_now());
}

void LeaseKeeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::chrono::milliseconds pause = beat();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, pause, [&] { return has_changed_; });
    has_changed_ = false;
  }
}

}  // namespace decant::worker
