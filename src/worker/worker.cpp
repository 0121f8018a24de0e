#include "worker/worker.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

namespace decant::worker {
namespace {

/// Counted for as long as it exists.
class BusySlot {
 public:
  explicit BusySlot(std::atomic<int>& count) : count_(count) { ++count_; }
  ~BusySlot() { --count_; }
  BusySlot(const BusySlot&) = delete;
  BusySlot& operator=(const BusySlot&) = delete;

 private:
  std::atomic<int>& count_;
};

}  // namespace

Worker::Worker(WorkerOptions options, tasks::TaskQueue& queue, tasks::ObjectStore& objects, tasks::Broker& broker,
               tasks::Converter& converter, tasks::WorkObserver& observer, const Clock& clock, Logger& logger)
    : options_(std::move(options)),
      parts_{queue, objects, broker, converter, observer, clock, logger},
      keeper_(options_.lease, queue, broker, observer, clock, logger) {}

void Worker::run() {
  std::jthread beating([this](const std::stop_token& stop) { keeper_.run(stop); });
  std::vector<std::jthread> slots;
  for (int slot = 0; slot < options_.slots; ++slot) slots.emplace_back([this] { run_slot(); });
}

void Worker::drain(std::chrono::milliseconds budget) {
  const auto time_to_finish = std::max(budget - options_.drain_margin, std::chrono::milliseconds(0));
  {
    const std::lock_guard lock(pausing_);
    keeper_.drain(parts_.clock.steady_now() + time_to_finish);
  }
  drained_.notify_all();
  parts_.broker.interrupt();
}

void Worker::run_slot() {
  while (!keeper_.is_draining()) {
    try {
      if (const auto job = find_job()) work_on(*job);
      while (const auto job = find_next_job()) work_on(*job);
    } catch (const std::exception& exception) {
      parts_.logger.error("a worker slot failed", {{"error", exception.what()}});
      pause(options_.outage_backoff.longest);
    }
  }
}

std::optional<Worker::Job> Worker::find_job() {
  const std::lock_guard turn(listening_);
  while (!keeper_.is_draining()) {
    Result<std::optional<Job>> job = wait_for_job();
    if (job) {
      if (outages_ > 0) parts_.logger.info("the queue is back");
      outages_ = 0;
      if (*job) return *std::move(job);
      continue;
    }
    if (++outages_ == 1) parts_.logger.error("the queue is away", {{"error", job.error().describe()}});
    pause(options_.outage_backoff.draw(outages_));
  }
  return std::nullopt;
}

std::optional<Worker::Job> Worker::find_next_job() {
  if (keeper_.is_draining()) return std::nullopt;
  // What goes wrong here goes wrong for whoever listens, too, who tells of it and waits.
  auto job = look(std::nullopt);
  return job ? *std::move(job) : std::nullopt;
}

Result<std::optional<Worker::Job>> Worker::wait_for_job() {
  DECANT_TRY(auto job, look(std::nullopt));
  if (job) return job;
  DECANT_TRY(const auto ready_in, parts_.queue.time_to_next_ready());
  const auto wait =
      std::max(std::min(ready_in.value_or(options_.poll_interval), options_.poll_interval), options_.shortest_wait);
  DECANT_TRY(const auto delivery, parts_.broker.receive(wait));
  if (!delivery || !delivery->task) return std::nullopt;
  return look(delivery);
}

Result<std::optional<Worker::Job>> Worker::look(const std::optional<tasks::Delivery>& delivery) {
  tasks::ClaimRequest request{.worker = options_.name, .lease = options_.lease.lease};
  if (delivery) request.wanted = delivery->task;
  const SteadyTime asked = parts_.clock.steady_now();
  DECANT_TRY(auto claim, parts_.queue.claim(request));
  if (claim) return Job{*std::move(claim), delivery, asked};
  // The ring was stale: somebody has the task, or had it.
  if (delivery) {
    const Result<void> acknowledged = parts_.broker.acknowledge(*delivery);
    parts_.observer.delivery_settled(acknowledged);
    DECANT_CHECK(acknowledged);
  }
  return std::nullopt;
}

void Worker::work_on(const Job& job) {
  const BusySlot busy(busy_slots_);
  const tasks::Task& task = job.claim.task;
  const LeaseKeeper::Hold hold = keeper_.hold(job.claim, job.delivery, job.asked);
  const Outcome outcome = Attempt(options_.attempt, parts_, keeper_, job.claim, hold.lease()).run();
  const std::chrono::duration<double> took = parts_.clock.steady_now() - job.asked;
  parts_.logger.info("an attempt ended", {{"task", task.id.text()},
                                          {"trace", task.trace.trace_id()},
                                          {"target", task.target},
                                          {"attempt", task.attempts},
                                          {"outcome", to_string(outcome)},
                                          {"seconds", took.count()}});
  finish_delivery(job, outcome);
  // Not by a drain, whose end pause() does not wait for: the object store is away, and the next task would fare no
  // better.
  if (outcome == Outcome::given_back)
    pause(options_.outage_backoff.draw(++given_back_));
  else
    given_back_ = 0;
}

void Worker::finish_delivery(const Job& job, Outcome outcome) {
  const bool look_again = outcome == Outcome::given_back || outcome == Outcome::unknown;
  Result<void> told;
  if (job.delivery) {
    told = look_again ? parts_.broker.release(*job.delivery) : parts_.broker.acknowledge(*job.delivery);
    parts_.observer.delivery_settled(told);
  }
  // For the other workers, who may be waiting.
  if (told && outcome == Outcome::given_back) told = parts_.broker.ring({job.claim.task.id, job.claim.task.generation});
  if (!told)
    parts_.logger.warning("the broker was not told", {{"task", job.claim.task.id.text()},
                                                      {"trace", job.claim.task.trace.trace_id()},
                                                      {"error", told.error().describe()}});
}

void Worker::pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(pausing_);
  drained_.wait_for(lock, duration, [this] { return keeper_.is_draining(); });
}

}  // namespace decant::worker
