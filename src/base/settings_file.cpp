#include "base/settings_file.h"

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace decant {

Result<std::vector<FileSetting>> read_settings_file(const std::string& path) {
  const toml::parse_result parsed = toml::parse_file(path);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    const std::string place = error.source().begin ? fmt::format("{} line {}", path, error.source().begin.line) : path;
    return failure(ErrorCode::invalid_argument,
                   fmt::format("settings file {}: {}; correct it, or start without it", place, error.description()));
  }
  std::vector<FileSetting> settings;
  for (const auto& [key, value] : parsed.table()) {
    const std::string place = fmt::format("{} line {}", path, key.source().begin.line);
    if (const auto text = value.value_exact<std::string>()) {
      settings.push_back({std::string(key.str()), *text, place});
    } else if (const auto number = value.value_exact<std::int64_t>()) {
      settings.push_back({std::string(key.str()), fmt::format("{}", *number), place});
    } else {
      return failure(
          ErrorCode::invalid_argument,
          fmt::format("settings file {}: {} is neither a text nor a whole number; write it as name = \"value\" at the "
                      "top level",
                      place, key.str()));
    }
  }
  return settings;
}

}  // namespace decant
