#pragma once

#include <chrono>
#include <filesystem>

#include "base/file.h"
#include "tasks/converter.h"

namespace decant::sandbox {

/// What to do about a measure that the host does not allow.
enum class SandboxMode {
  automatic,  ///< do without it, and say so once in the log
  require,    ///< refuse to start
};

struct EngineOptions {
  std::filesystem::path program;  ///< decant-engine
  tasks::ConverterDuty duty = tasks::ConverterDuty::everything;
  int slots = 1;   ///< children kept ready, so that so many jobs at once wait for no fork
  int tokens = 0;  ///< conversions that compute at once; 0: one a core
  SandboxMode mode = SandboxMode::automatic;
  ByteCount memory_limit = ByteCount{512} << 20;  ///< of one job
  ByteCount output_limit = ByteCount{4} << 30;    ///< of one result
  std::chrono::milliseconds probe_time_limit{10'000};
  std::chrono::milliseconds conversion_time_limit{1'800'000};  ///< of jobs that name none
  std::chrono::milliseconds start_time_limit{20'000};          ///< for the engine to be ready
  std::chrono::milliseconds restart_wait{5'000};  ///< how long a job waits for an engine that is being restarted
};

}  // namespace decant::sandbox
