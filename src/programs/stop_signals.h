#pragma once

#include <functional>
#include <thread>

#include "base/file.h"

namespace decant::programs {

/// SIGINT and SIGTERM as a request to stop. The first one calls `on_stop` with its number, on a thread of its own; the
/// second one ends the process at once with 128 + its number.
class StopSignals {
 public:
  /// Blocks both for the calling thread, and so for all threads and processes that it starts. Before any of them.
  static void block();

  explicit StopSignals(std::function<void(int)> on_stop);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  void watch();

  std::function<void(int)> on_stop_;
  Descriptor signals_;
  Descriptor done_;
  std::thread thread_;
};

}  // namespace decant::programs
