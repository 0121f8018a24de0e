#include "tasks/relay.h"

#include <exception>

namespace decant::tasks {

Result<void> Relay::ring(const TaskRef&) {
  {
    const std::lock_guard lock(mutex_);
    has_news_ = true;
  }
  woken_.notify_all();
  return {};
}

Result<int> Relay::relay_once() {
  if (taken_.empty()) {
    DECANT_TRY(taken_, outbox_.take(options_.batch, options_.hold));
  }
  std::vector<TaskRef> tasks;
  std::vector<std::int64_t> ids;
  for (const Ring& ring : taken_) {
    tasks.push_back(ring.task);
    ids.push_back(ring.id);
  }
  if (tasks.empty()) return 0;
  DECANT_CHECK(broker_.publish(tasks));
  DECANT_CHECK(outbox_.mark_published(ids));
  taken_.clear();
  return static_cast<int>(ids.size());
}

void Relay::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, stop, options_.poll_interval, [this] { return has_news_; });
      has_news_ = false;
    }
    try {
      relay_all(stop);
    } catch (const std::exception& exception) {
      logger_.error("the relay failed", {{"error", exception.what()}});
    }
  }
}

void Relay::relay_all(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Result<int> relayed = relay_once();
    if (relayed) {
      if (outages_ > 0) logger_.info("rings reach the broker again");
      outages_ = 0;
      if (*relayed < options_.batch) return;
      continue;
    }
    if (++outages_ == 1)
      logger_.error("rings do not reach the broker; they are kept", {{"error", relayed.error().describe()}});
    // No ring shortens this: it would not get through either.
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, options_.outage_backoff.draw(outages_), [] { return false; });
  }
}

}  // namespace decant::tasks
