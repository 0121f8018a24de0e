#include <fmt/format.h>

#include <boost/json.hpp>

#include "programs/analysis_files.h"
#include "programs/terminal.h"

namespace decant::programs {
namespace {

namespace json = boost::json;

constexpr std::size_t most_ranges = 20;

const json::object* find_object(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

std::optional<double> find_number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

/// "-14.2 LUFS"; "none" where there is no number.
std::string measure(const json::object& object, std::string_view name, std::string_view unit) {
  const auto number = find_number(object, name);
  return number ? fmt::format("{:.1f} {}", *number, unit) : std::string("none");
}

void add_loudness(const json::object& loudness, std::vector<std::string>& lines) {
  lines.push_back(fmt::format("loudness:      {}, range {}", measure(loudness, "integrated", "LUFS"),
                              measure(loudness, "range", "LU")));
  lines.push_back(fmt::format("true peak:     {}, sample peak {}", measure(loudness, "truePeak", "dBTP"),
                              measure(loudness, "samplePeak", "dBFS")));
  if (const auto range = find_number(loudness, "dynamicRange")) {
    lines.push_back(fmt::format("dynamic range: DR{:.0f}", *range));
  }
}

void add_silence(const json::object& silence, std::vector<std::string>& lines) {
  const auto count = find_number(silence, "count").value_or(0);
  lines.push_back(fmt::format("silence:       {:.0f} {} below {}, {:.3f} s", count, count == 1 ? "range" : "ranges",
                              measure(silence, "threshold", "dBFS"), find_number(silence, "total").value_or(0)));
  const json::value* ranges = silence.if_contains("ranges");
  if (ranges == nullptr || !ranges->is_array()) return;
  std::size_t listed = 0;
  for (const json::value& entry : ranges->get_array()) {
    const json::object* range = entry.if_object();
    if (range == nullptr) continue;
    if (listed++ == most_ranges) {
      lines.emplace_back("               … (--json has more)");
      break;
    }
    lines.push_back(fmt::format("               {:.3f} to {:.3f} s", find_number(*range, "start").value_or(0),
                                find_number(*range, "end").value_or(0)));
  }
}

}  // namespace

std::vector<std::string> analysis_lines(std::string_view report) {
  std::vector<std::string> lines;
  json::error_code damaged;
  const json::value root = json::parse(report, damaged);
  if (damaged || !root.is_object()) return lines;
  const json::object* analysis = find_object(root.get_object(), "analysis");
  if (analysis == nullptr) return lines;
  if (const json::object* loudness = find_object(*analysis, "loudness")) add_loudness(*loudness, lines);
  if (const json::object* silence = find_object(*analysis, "silence")) add_silence(*silence, lines);
  return lines;
}

}  // namespace decant::programs
