#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "programs/command_line.h"
#include "programs/exit_status.h"

namespace decant::programs {
namespace {

bool needs_settings(const Command& command) {
  const auto* config = std::get_if<ConfigCommand>(&command);
  return !std::holds_alternative<VersionCommand>(command) &&
         (config == nullptr || config->told != ConfigCommand::Output::reference);
}

int run_program(int argc, char** argv) {
  auto line = parse_command_line(argc, argv);
  if (!line) return line.error();
  LoadedSettings settings;
  if (needs_settings(line->command)) {
    line->settings.environment = process_environment();
    auto loaded = load_settings(line->settings);
    if (!loaded) return report_failure(loaded.error());
    settings = *std::move(loaded);
  }
  return std::visit([&settings](const auto& command) { return run(command, settings); }, line->command);
}

}  // namespace
}  // namespace decant::programs

int main(int argc, char** argv) {
  try {
    return decant::programs::run_program(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "decant: a fault of its own: {}\n", error.what());
    return decant::programs::exit_failed;
  }
}
