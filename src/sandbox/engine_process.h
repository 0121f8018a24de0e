#pragma once

#include <sys/types.h>

#include "sandbox/engine_options.h"
#include "sandbox/protocol.h"

namespace decant::sandbox {

/// A running zygote, as the server sees it. Ends it when destroyed.
class EngineProcess {
 public:
  /// Starts the program and waits for its hello; `unavailable` when a layer is missing that is required. The calling
  /// thread must live as long as the process: the kernel kills the zygote when that thread ends. Safe in a program with
  /// threads.
  static Result<EngineProcess> spawn(const EngineOptions& options);

  EngineProcess(EngineProcess&& other) noexcept;
  EngineProcess& operator=(EngineProcess&&) = delete;
  ~EngineProcess();

  [[nodiscard]] const Hello& hello() const { return hello_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Takes jobs (protocol.h); from any thread.
  [[nodiscard]] int control() const { return control_.get(); }
  /// Blocks until the process has ended or hang_up() was called.
  void wait_for_end() const;
  /// Tells the zygote to end itself and its children. From any thread.
  void hang_up() const;
  /// Ends it whatever it does. From any thread, while the object lives.
  void kill() const;
  /// Hangs up, waits for the end, by force after a grace, and says how it ended, for the log. Once.
  std::string end();

 private:
  EngineProcess(pid_t pid, Descriptor process, Descriptor control)
      : pid_(pid), process_(std::move(process)), control_(std::move(control)) {}
  Result<void> greet(const EngineOptions& options);

  pid_t pid_ = -1;
  Descriptor process_;  ///< a pidfd
  Descriptor control_;
  Hello hello_;
};

}  // namespace decant::sandbox
