#include "programs/logging.h"

#include <unistd.h>

#include <algorithm>

#include "programs/terminal.h"

namespace decant::programs {
namespace {

LogFormat log_format(const Settings& settings) {
  if (settings.log_format == "text") return LogFormat::text;
  if (settings.log_format == "json") return LogFormat::json;
  return is_terminal(STDERR_FILENO) ? LogFormat::text : LogFormat::json;
}

}  // namespace

Logger make_logger(const Settings& settings) {
  return {find_log_level(settings.log_level).value_or(LogLevel::info), log_format(settings)};
}

Logger make_quiet_logger(const LoadedSettings& settings) {
  const bool asked = std::ranges::any_of(settings.effective, [](const EffectiveSetting& effective) {
    return effective.setting->name == "log_level" && effective.origin != "default";
  });
  if (asked) return make_logger(settings.values);
  return {LogLevel::warning, settings.values.log_format == "json" ? LogFormat::json : LogFormat::text};
}

}  // namespace decant::programs
