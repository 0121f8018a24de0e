#pragma once

#include <expected>

#include "programs/commands.h"

namespace decant::programs {

struct CommandLine {
  Command command;
  SettingSources settings;
};

/// What the arguments ask for; or, after help or a complaint was printed, the exit status.
std::expected<CommandLine, int> parse_command_line(int argc, char** argv);

}  // namespace decant::programs
