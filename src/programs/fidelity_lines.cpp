#include "programs/fidelity_lines.h"

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

void add_dropped(const json::object& report, const char* kind, std::vector<std::string>& lines) {
  for (const json::value& entry : find_array(report, kind)) {
    const json::object* fields = entry.if_object();
    if (fields == nullptr || find_text(*fields, "fate") != "dropped") continue;
    const std::string name = find_text(*fields, "name");
    const std::string why = find_text(*fields, "why");
    lines.push_back(
        fmt::format("dropped from {}{}{}", kind, name.empty() ? "" : ": " + name, why.empty() ? "" : " (" + why + ")"));
  }
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
  for (const char* kind : {"tags", "pictures", "chapters"}) add_dropped(*fields, kind, lines.dropped);
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
