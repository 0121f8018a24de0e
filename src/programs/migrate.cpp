#include <fmt/format.h>

#include "programs/backends.h"
#include "programs/commands.h"
#include "programs/exit_status.h"
#include "programs/logging.h"

namespace decant::programs {

int run(const MigrateCommand&, const LoadedSettings& settings) {
  Logger logger = make_quiet_logger(settings);
  const SystemClock clock;
  if (const auto made = make_data_folder(settings.values.data); !made) return report_failure(made.error());
  const auto applied = database::migrate(settings.values.database, database_options(settings.values), clock, logger);
  if (!applied) return report_failure(applied.error());
  if (applied->empty()) {
    fmt::print("the schema is up to date\n");
  } else {
    fmt::print("the schema is at version {} now\n", applied->back());
  }
  return exit_ok;
}

}  // namespace decant::programs
