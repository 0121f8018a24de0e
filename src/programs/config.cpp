#include <fmt/format.h>

#include "programs/commands.h"
#include "programs/exit_status.h"

namespace decant::programs {
namespace {

/// A basic string of TOML 1.0, so that the output is a settings file.
std::string quote_toml(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      quoted += '\\';
      quoted += character;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += character;
    }
  }
  return quoted + '"';
}

}  // namespace

int run(const ConfigCommand& command, const LoadedSettings& settings) {
  if (command.told == ConfigCommand::Output::reference) {
    fmt::print("{}", settings_reference());
    return exit_ok;
  }
  for (const EffectiveSetting& effective : settings.effective) {
    fmt::print("{:<59} # {}\n",
               fmt::format("{} = {}", effective.setting->name, quote_toml(mask_secrets(effective.text))),
               effective.origin);
  }
  return exit_ok;
}

}  // namespace decant::programs
