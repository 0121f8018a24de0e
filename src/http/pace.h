#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/file.h"

namespace decant::http {

/// At least `bytes` in every `window`, counted only while the server waits for the client.
struct Pace {
  ByteCount bytes = 0;
  std::chrono::milliseconds window{};
};

/// Holds one transfer to its Pace.
class PaceMeter {
 public:
  explicit PaceMeter(const Pace& pace) : pace_(pace), left_(pace.window) {}

  /// When a wait that begins now must be over.
  [[nodiscard]] SteadyTime deadline(SteadyTime now) const { return now + left_; }
  /// The wait took `waited` and brought `bytes`.
  void record(SteadyTime::duration waited, ByteCount bytes) {
    left_ -= waited;
    moved_ += bytes;
    if (moved_ < pace_.bytes) return;
    left_ = pace_.window;
    moved_ = 0;
  }
  [[nodiscard]] bool is_too_slow() const { return left_ <= SteadyTime::duration::zero(); }

 private:
  Pace pace_;
  SteadyTime::duration left_;
  ByteCount moved_ = 0;
};

}  // namespace decant::http
