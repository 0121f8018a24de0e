#include "programs/logging.h"

#include <algorithm>

namespace decant::programs {
namespace {

LogFormat log_format(const Settings& settings) {
  return settings.log_format == "json" ? LogFormat::json : LogFormat::text;
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
  return {LogLevel::warning, log_format(settings.values)};
}

}  // namespace decant::programs
