#pragma once

#include <chrono>
#include <thread>

#include "base/clock.h"
#include "tasks/retry.h"

namespace decant::broker::pubsub {

struct RetryOptions {
  tasks::Backoff backoff{std::chrono::milliseconds(100), std::chrono::seconds(2)};
  std::chrono::milliseconds longest = std::chrono::seconds(10);  ///< all tries together
};

/// The tries of one call.
class Tries {
 public:
  Tries(const RetryOptions& options, const Clock& clock)
      : options_(options), clock_(clock), end_(clock.steady_now() + options.longest) {}

  /// How many failed before this one.
  [[nodiscard]] int earlier() const { return earlier_; }
  /// Sleeps before the next; false when there is no time for another.
  bool wait_for_next() {
    const auto pause = options_.backoff.draw(++earlier_);
    if (clock_.steady_now() + pause >= end_) return false;
    std::this_thread::sleep_for(pause);
    return true;
  }

 private:
  const RetryOptions& options_;
  const Clock& clock_;
  SteadyTime end_;
  int earlier_ = 0;
};

}  // namespace decant::broker::pubsub
