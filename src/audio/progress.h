#pragma once

#include <algorithm>
#include <chrono>

#include "audio/engine.h"

namespace decant::audio {

/// Tells of progress, which never goes back nor beyond 1, at most ten times a second.
class ProgressMeter {
 public:
  static constexpr auto default_interval = std::chrono::milliseconds(100);

  /// `listener`, which may be empty, outlives it.
  explicit ProgressMeter(const Progress& listener, std::chrono::milliseconds interval = default_interval)
      : listener_(&listener), interval_(interval) {}

  /// From now on tell() is about the work between these parts of the whole. Until then it is about all of it.
  void enter(double begin, double end) {
    begin_ = begin;
    end_ = end;
  }

  void tell(double part) {
    const double whole = begin_ + (end_ - begin_) * std::clamp(part, 0.0, 1.0);
    const auto now = std::chrono::steady_clock::now();
    if (!*listener_ || whole <= told_ || now - last_ < interval_) return;
    last_ = now;
    told_ = whole;
    (*listener_)(whole);
  }

 private:
  const Progress* listener_;
  std::chrono::milliseconds interval_;
  double begin_ = 0;
  double end_ = 1;
  double told_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace decant::audio
