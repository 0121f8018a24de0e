#pragma once

#include <memory>

#include "base/log.h"
#include "base/settings.h"
#include "tasks/converter.h"

namespace decant::programs {

/// Starts decant-engine: the program of that name beside this one, else in ../libexec/decant. To be called before this
/// process has a second thread. `spares`: children kept ready, so that so many jobs at once wait for no fork; 0 also
/// spares the preparations that only many of them would earn back. The logger outlives it.
Result<std::unique_ptr<tasks::Converter>> start_engine(const Settings& settings, tasks::ConverterDuty duty, int spares,
                                                       Logger& logger);

}  // namespace decant::programs
