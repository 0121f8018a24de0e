#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"
#include "sandbox/engine_process.h"

namespace decant::sandbox {

/// Keeps one zygote running: starts it from a thread of its own (the kernel ends the zygote with that thread), starts
/// another when it dies, with a growing pause when it dies often. Thread-safe.
class Supervisor {
 public:
  /// Returns when the first zygote is ready, or why there is none.
  static Result<std::unique_ptr<Supervisor>> start(EngineOptions options, Logger& log);
  /// No job may run any more.
  ~Supervisor();

  /// Shared, because jobs go on looking at a process while the supervisor replaces it.
  using Engine = std::shared_ptr<const EngineProcess>;

  /// The zygote that runs now; waits for one that is being restarted. `unavailable` when that takes too long.
  /// With `lost`, a zygote other than that one.
  Result<Engine> engine(const Engine& lost = {});
  [[nodiscard]] const Hello& first_hello() const { return first_hello_; }

 private:
  Supervisor(EngineOptions options, Logger& log) : options_(std::move(options)), log_(log) {}
  void run(const std::stop_token& stop);
  void watch(EngineProcess process, const std::stop_token& stop);
  void publish(Engine engine);
  Result<void> wait_for_first();

  const EngineOptions options_;
  Logger& log_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  Engine current_;
  std::optional<Error> start_error_;
  Hello first_hello_;
  std::jthread thread_;  ///< last: it uses the rest
};

}  // namespace decant::sandbox
