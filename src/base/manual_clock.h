#pragma once

#include <atomic>
#include <functional>

#include "base/clock.h"

namespace decant {

/// A clock for tests: stands still until it is told to go on. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime(std::chrono::milliseconds(1'800'000'000'000))) : start_(start) {}

  [[nodiscard]] WallTime wall_now() const override { return start_ + std::chrono::milliseconds(elapsed_ms_.load()); }
  [[nodiscard]] SteadyTime steady_now() const override {
    return SteadyTime(std::chrono::milliseconds(elapsed_ms_.load()));
  }
  void advance(std::chrono::milliseconds step) {
    elapsed_ms_ += step.count();
    if (follower_) follower_(wall_now());
  }
  /// Tells it the time now and whenever it changes: for a server with a clock of its own.
  void lead(std::function<void(WallTime)> follower) {
    follower_ = std::move(follower);
    follower_(wall_now());
  }

 private:
  WallTime start_;
  std::atomic<std::int64_t> elapsed_ms_ = 0;
  std::function<void(WallTime)> follower_;
};

}  // namespace decant
