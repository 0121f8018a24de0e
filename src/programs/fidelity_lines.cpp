#include "programs/fidelity_lines.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "programs/terminal.h"

namespace decant::programs {
namespace {

namespace json = boost::json;

/// The text of a field as people may see it; empty when it has none.
std::string find_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? printable(value->get_string()) : std::string();
}

const json::array& find_array(const json::object& object, std::string_view name) {
  static const json::array none;
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

/// The report's reasons for what is dropped on purpose: it would be named for nearly every file.
constexpr std::array no_miss = {"it describes the old file", "removed as asked", "replaced as asked"};
constexpr std::size_t most_names = 5;

/// "tags: mood, lyrics": each name once, and no more than some.
std::string list_names(const char* kind, std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  const std::size_t more = names.size() - std::min(names.size(), most_names);
  names.resize(names.size() - more);
  return fmt::format("{}: {}{}", kind, fmt::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

void add_dropped(const json::object& report, const char* kind, FidelityLines& lines) {
  std::vector<std::string> missing;
  for (const json::value& entry : find_array(report, kind)) {
    const json::object* fields = entry.if_object();
    if (fields == nullptr || find_text(*fields, "fate") != "dropped") continue;
    const std::string name = find_text(*fields, "name");
    const std::string why = find_text(*fields, "why");
    lines.dropped.push_back(
        fmt::format("dropped from {}{}{}", kind, name.empty() ? "" : ": " + name, why.empty() ? "" : " (" + why + ")"));
    if (std::ranges::find(no_miss, why) == no_miss.end()) missing.push_back(name.empty() ? "without a name" : name);
  }
  if (missing.empty()) return;
  lines.missing += (lines.missing.empty() ? "dropped from " : "; ") + list_names(kind, std::move(missing));
}

}  // namespace

FidelityLines read_fidelity(std::string_view report) {
  FidelityLines lines;
  json::error_code error;
  const json::value parsed = json::parse(report, error);
  const json::object* fields = error ? nullptr : parsed.if_object();
  if (fields == nullptr) return lines;
  for (const json::value& note : find_array(*fields, "notes")) {
    if (note.is_string()) lines.notes.push_back(printable(note.get_string()));
  }
  for (const char* kind : {"tags", "pictures", "chapters"}) add_dropped(*fields, kind, lines);
  for (const json::value& loss : find_array(*fields, "losses")) {
    const json::object* loss_fields = loss.if_object();
    if (loss_fields == nullptr) continue;
    json::error_code no_number;
    const json::value* position = loss_fields->if_contains("position");
    const double seconds = position == nullptr ? 0 : position->to_number<double>(no_number);
    lines.lost.push_back(fmt::format("lost audio at {:.3f} s: {}", seconds, find_text(*loss_fields, "reason")));
  }
  return lines;
}

}  // namespace decant::programs
