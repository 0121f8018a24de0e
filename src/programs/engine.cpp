#include "programs/engine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "sandbox/engine_converter.h"

namespace decant::programs {
namespace {

Result<std::filesystem::path> find_engine() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return failure(ErrorCode::unavailable, "could not find out where decant is: " + error.message());
  const std::filesystem::path beside = self.parent_path() / "decant-engine";
  const std::filesystem::path installed = self.parent_path().parent_path() / "libexec" / "decant" / "decant-engine";
  for (const std::filesystem::path& candidate : {beside, installed}) {
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return failure(ErrorCode::unavailable,
                 fmt::format("there is no engine program: looked for {} and {}; build or install decant-engine",
                             beside.string(), installed.string()));
}

}  // namespace

Result<std::unique_ptr<tasks::Converter>> start_engine(const Settings& settings, tasks::ConverterDuty duty, int spares,
                                                       Logger& logger) {
  sandbox::EngineOptions options;
  DECANT_TRY(options.program, find_engine());
  options.duty = duty;
  options.slots = spares;
  options.tokens = settings.cores;
  options.mode = settings.sandbox == "require" ? sandbox::SandboxMode::require : sandbox::SandboxMode::automatic;
  options.memory_limit = settings.conversion_memory;
  options.output_limit = settings.result_limit;
  options.probe_time_limit = settings.probe_timeout;
  options.conversion_time_limit = settings.conversion_timeout;
  options.start_time_limit = settings.engine_start_timeout;
  options.restart_wait = settings.engine_restart_wait;
  DECANT_TRY(std::unique_ptr<tasks::Converter> converter, sandbox::EngineConverter::start(options, logger));
  return converter;
}

}  // namespace decant::programs
