#pragma once

#include <chrono>

#include "audio/engine.h"

namespace decant::audio {

/// Tells of progress at most ten times a second.
class ProgressMeter {
 public:
  /// `listener`, which may be empty, outlives it.
  explicit ProgressMeter(const Progress& listener) : listener_(&listener) {}

  void tell(double part) {
    const auto now = std::chrono::steady_clock::now();
    if (!*listener_ || now - last_ < interval) return;
    last_ = now;
    (*listener_)(part);
  }

 private:
  static constexpr auto interval = std::chrono::milliseconds(100);

  const Progress* listener_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace decant::audio
