#pragma once

#include <memory>

#include "base/log.h"
#include "base/settings.h"
#include "tasks/converter.h"

namespace decant::programs {

/// Starts decant-engine: the program of that name beside this one, else in ../libexec/decant. To be called before this
/// process has a second thread. `jobs`: how many conversions run at once. The logger outlives it.
Result<std::unique_ptr<tasks::Converter>> start_engine(const Settings& settings, int jobs, Logger& logger);

}  // namespace decant::programs
