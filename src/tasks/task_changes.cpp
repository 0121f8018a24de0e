#include "tasks/task_changes.h"

#include <charconv>

namespace decant::tasks {
namespace {

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t number = 0;
  const char* const begin = std::to_address(text.begin());
  const char* const end = std::to_address(text.end());
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::string ChangePosition::text() const {
  std::string text = std::to_string(change);
  if (row != last_row) text += "." + std::to_string(row);
  return text;
}

std::optional<ChangePosition> ChangePosition::parse(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto change = parse_count(text.substr(0, dot));
  const auto row = dot == std::string_view::npos ? last_row : parse_count(text.substr(dot + 1));
  if (!change || !row) return std::nullopt;
  return ChangePosition{*change, *row};
}

}  // namespace decant::tasks
