#include "programs/batch/freshness.h"

#include <fmt/format.h>
#include <sys/xattr.h>

#include <array>

namespace decant::programs::batch {
namespace {

constexpr const char* attribute = "user.decant.source";
constexpr std::size_t longest_record = 4096;

}  // namespace

std::string make_record(const FileVersion& input, const std::string& target, const tasks::ConversionOptions& options) {
  return fmt::format("{} {} {} {}", input.modified, input.size, target, tasks::to_json(options));
}

void keep_record(int output, const std::string& record) {
  ::fsetxattr(output, attribute, record.data(), record.size(), 0);
}

std::optional<OutputState> find_output(const std::string& path) {
  const auto status = find_status(path);
  if (!status || status->kind == FileStatus::Kind::folder) return std::nullopt;
  std::array<char, longest_record> record{};
  const ssize_t length = ::getxattr(path.c_str(), attribute, record.data(), record.size());
  return OutputState{status->id, status->version,
                     std::string(record.data(), length > 0 ? static_cast<std::size_t>(length) : 0)};
}

Freshness judge(const FileVersion& input, const std::string& record, const std::optional<OutputState>& output) {
  if (!output) return Freshness::absent;
  if (!output->record.empty()) return output->record == record ? Freshness::current : Freshness::stale;
  return output->version.modified >= input.modified ? Freshness::current : Freshness::foreign;
}

}  // namespace decant::programs::batch
