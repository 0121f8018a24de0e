#include <fmt/format.h>

#include "programs/backends.h"
#include "programs/commands.h"
#include "programs/exit_status.h"
#include "programs/logging.h"

namespace decant::programs {
namespace {

constexpr std::string_view what_next = R"(
What to do next:
  Set DECANT_DATABASE to the new URL for every decant, then start them. Start none on the old database any more;
  it is as it was, and serves as a backup.
  The files of the tasks were not moved: leave DECANT_OBJECTS as it is, or copy them, see "Moving to PostgreSQL" in
  docs/configuration.md.
)";

int move(const MigrateCommand& command, const LoadedSettings& settings) {
  Logger logger = make_quiet_logger(settings);
  const SystemClock clock;
  const auto moved = database::transfer(command.from, command.to, database_options(settings.values), clock, logger);
  if (!moved) return report_failure(moved.error());
  fmt::print("moved {} accounts, {} tasks and {} rings\n{}", moved->users, moved->tasks, moved->rings, what_next);
  return exit_ok;
}

}  // namespace

int run(const MigrateCommand& command, const LoadedSettings& settings) {
  if (!command.from.empty() || !command.to.empty()) return move(command, settings);
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
