#pragma once

#include "base/log.h"
#include "base/settings.h"

namespace decant::programs {

/// As log_level and log_format say: for what runs for long.
[[nodiscard]] Logger make_logger(const Settings& settings);
/// For commands of a person, who wants to see only what went wrong: the same, but warnings and worse unless a level was
/// asked for, and then text also where there is no terminal.
[[nodiscard]] Logger make_quiet_logger(const LoadedSettings& settings);

}  // namespace decant::programs
