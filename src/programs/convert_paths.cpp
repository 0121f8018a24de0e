#include "programs/convert_paths.h"

#include "programs/batch/audio_names.h"
#include "programs/batch/file_status.h"

namespace decant::programs {
namespace {

constexpr std::string_view standard_stream = "-";

bool has_extension_of(const std::string& path, const tasks::TargetFormat& target) {
  const std::string extension = batch::extension_of(path);
  return extension == target.name || extension == target.extension ||
         std::ranges::find(target.aliases, extension) != target.aliases.end();
}

Failure misused(std::string message) { return failure(ErrorCode::invalid_argument, std::move(message)); }

Failure folder_without_recursion(const std::string& path) {
  return misused(fmt::format("{} is a folder; --recursive converts what is in it", path));
}

}  // namespace

PathKind look_at_path(const std::string& path) {
  if (path == standard_stream) return PathKind::file;
  const auto status = batch::find_status(path);
  if (!status) return PathKind::absent;
  return status->kind == batch::FileStatus::Kind::folder ? PathKind::folder : PathKind::file;
}

Result<ConvertPaths> read_convert_paths(const std::vector<std::string>& paths, const tasks::TargetFormat* target,
                                        ConvertCommand::Folders folders,
                                        const std::function<PathKind(const std::string&)>& look) {
  using enum ConvertPaths::To;
  const bool recursive = folders == ConvertCommand::Folders::enter;
  const std::string& last = paths.back();
  ConvertPaths read{beside, paths, {}};
  if (paths.size() > 1) {
    const PathKind kind = look(last);
    const bool is_pair = paths.size() == 2 && !recursive;
    const bool is_other_input =
        target != nullptr && kind == PathKind::file && batch::is_audio_name(last) && !has_extension_of(last, *target);
    if (kind == PathKind::folder || last.ends_with('/')) {
      read.to = folder;
    } else if (is_pair && !is_other_input) {
      read.to = file;
    } else if (kind == PathKind::absent) {
      if (batch::is_audio_name(last)) {
        return misused(fmt::format("{} does not exist; several inputs go beside themselves or into a folder", last));
      }
      read.to = folder;
    }
    if (read.to != beside) {
      read.inputs.pop_back();
      read.output = last;
    }
  }
  for (const std::string& input : read.inputs) {
    if (input == standard_stream && read.to != file) {
      return misused("standard input needs an output of its own: decant convert - OUTPUT");
    }
    if (!recursive && look(input) == PathKind::folder) return folder_without_recursion(input);
  }
  return read;
}

}  // namespace decant::programs
