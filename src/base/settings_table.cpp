#include <fmt/format.h>

#include "base/settings.h"

namespace decant {
namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::int64_t tib = 1024 * gib;

// clang-format off
const std::vector<Setting> table = {
  {"Places", "data", &Settings::data, "~/.local/share/decant", "folder of everything embedded: database, files, signing key; made at the first start"},
  {"Places", "database", &Settings::database, "sqlite://{data}/decant.db", "URL of the database: sqlite:///path"},
  {"Places", "objects", &Settings::objects, "file://{data}/objects", "URL of the object store: file:///path"},
  {"Places", "broker", &Settings::broker, "database:", "URL of the broker; with database: the task rows are the queue"},

  {"Web", "listen", &Settings::listen, "127.0.0.1:8080", "address and port of the page and the API"},
  {"Web", "upload_limit", &Settings::upload_limit, "2GiB", "the most bytes of one upload", 1 * kib, 1 * tib},
  {"Web", "uploads_per_user", &Settings::uploads_per_user, "4", "uploads of one user that may arrive at once", 1, 10'000},
  {"Web", "user_quota", &Settings::user_quota, "10GiB", "the most bytes that the files of one user may hold; 0: no bound", 0, 1024 * tib},

  {"Worker", "workers", &Settings::workers, "0", "conversions at once; 0: one a core", 0, 1024},
  {"Worker", "lease", &Settings::lease, "60s", "how long a worker that fell silent keeps its task", 1 * second, 1 * hour},
  {"Worker", "max_attempts", &Settings::max_attempts, "3", "how often a conversion is tried before its task has failed", 1, 100},
  {"Worker", "drain_budget", &Settings::drain_budget, "25s", "how long a stop waits for running work before it is given back", 0, 1 * hour},

  {"Engine", "sandbox", &Settings::sandbox, "auto", "auto: use every layer of lock-down that the host has; require: do not start without all of them", 0, 0, {"auto", "require"}},
  {"Engine", "conversion_timeout", &Settings::conversion_timeout, "30min", "the longest that one conversion may take", 1 * second, 1 * day},
  {"Engine", "conversion_memory", &Settings::conversion_memory, "512MiB", "memory that one conversion may take", 64 * mib, 64 * gib},
  {"Engine", "result_limit", &Settings::result_limit, "8GiB", "the most bytes of one result", 1 * mib, 1 * tib},

  {"Clean-up", "retention", &Settings::retention, "0", "finished tasks older than this are deleted with their files; 0: never", 0, 3650 * day},
  {"Clean-up", "orphan_grace", &Settings::orphan_grace, "1h", "stored files that belong to no task are deleted after this", 1 * second, 365 * day},

  {"Log", "log_level", &Settings::log_level, "info", "least severe lines that are written", 0, 0, {"debug", "info", "warning", "error"}},
  {"Log", "log_format", &Settings::log_format, "text", "how a line looks", 0, 0, {"text", "json"}},
};
// clang-format on

}  // namespace

std::span<const Setting> settings_table() { return table; }

std::string settings_reference() {
  std::string text;
  std::string_view group;
  for (const Setting& setting : table) {
    if (setting.group != group) {
      group = setting.group;
      text += fmt::format("{}### {}\n\n| variable | default | takes | meaning |\n| --- | --- | --- | --- |\n",
                          text.empty() ? "" : "\n", group);
    }
    text += fmt::format("| `{}` | `{}` | {} | {} |\n", setting.variable(), setting.default_text, setting.range(),
                        setting.help);
  }
  return text;
}

}  // namespace decant
