#include "programs/batch/freshness.h"

#include <fmt/format.h>
#include <sys/xattr.h>

#include <array>
#include <charconv>

namespace decant::programs::batch {
namespace {

constexpr const char* attribute = "user.decant.source";
constexpr std::size_t longest_record = 4096;

/// The whole number before the next space, which is taken off with it.
template <class Number>
bool take_number(std::string_view& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

std::optional<Record> parse_record(std::string_view text) {
  Record record;
  if (!take_number(text, record.made.modified) || !take_number(text, record.made.size)) return std::nullopt;
  record.source = text;
  return record;
}

}  // namespace

std::string describe_source(const FileVersion& input, const std::string& target,
                            const tasks::ConversionOptions& options) {
  return fmt::format("{} {} {} {}", input.modified, input.size, target, tasks::to_json(options));
}

void keep_record(int output, const std::string& source) {
  const auto status = find_status(output);
  if (!status) return;
  const std::string text = fmt::format("{} {} {}", status->version.modified, status->version.size, source);
  ::fsetxattr(output, attribute, text.data(), text.size(), 0);
}

std::optional<OutputState> find_output(const std::string& path) {
  const auto status = find_status(path);
  if (!status || status->kind == FileStatus::Kind::folder) return std::nullopt;
  std::array<char, longest_record> text{};
  const ssize_t length = ::getxattr(path.c_str(), attribute, text.data(), text.size());
  return OutputState{status->id, status->version,
                     parse_record({text.data(), length > 0 ? static_cast<std::size_t>(length) : 0})};
}

Freshness judge(const FileVersion& input, const std::string& source, const std::optional<OutputState>& output) {
  if (!output || output->version.size == 0) return Freshness::absent;
  if (output->record) {
    // Somebody who changed the file since, its tags perhaps, changed its time as well.
    const FileVersion& made = output->record->made;
    const bool is_cut = output->version.modified == made.modified && output->version.size != made.size;
    return output->record->source == source && !is_cut ? Freshness::current : Freshness::stale;
  }
  return output->version.modified >= input.modified ? Freshness::current : Freshness::foreign;
}

}  // namespace decant::programs::batch
