#include "programs/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "programs/input_file.h"

namespace decant::programs {
namespace {

constexpr std::string_view standard_output = "-";

Failure file_failure(int error_number, const std::string& path) {
  return failure(ErrorCode::internal,
                 fmt::format("could not write {}: {}", path, std::generic_category().message(error_number)));
}

Failure exists_failure(const std::string& path) {
  return failure(ErrorCode::conflict, fmt::format("{} exists; --force replaces it", path));
}

}  // namespace

OutputFile::OutputFile(Descriptor file, std::string temporary, std::string path, Existing existing)
    : file_(std::move(file)), temporary_(std::move(temporary)), path_(std::move(path)), existing_(existing) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : file_(std::move(other.file_)),
      temporary_(std::exchange(other.temporary_, {})),
      path_(std::move(other.path_)),
      existing_(other.existing_) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<OutputFile> OutputFile::make(const std::string& path, Existing existing, int input) {
  std::string temporary = (std::filesystem::temp_directory_path() / "decant-XXXXXX").string();
  if (path != standard_output) {
    struct stat target{};
    if (::stat(path.c_str(), &target) == 0) {
      struct stat source{};
      if (::fstat(input, &source) == 0 && source.st_dev == target.st_dev && source.st_ino == target.st_ino) {
        return failure(ErrorCode::conflict, fmt::format("{} is the input itself; name another output", path));
      }
      if (S_ISDIR(target.st_mode))
        return failure(ErrorCode::conflict, fmt::format("{} is a folder; name a file in it", path));
      if (existing == Existing::refuse) return exists_failure(path);
    }
    const std::filesystem::path wanted(path);
    temporary = (wanted.parent_path() / ("." + wanted.filename().string().substr(0, 200) + ".XXXXXX")).string();
  }
  Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
  if (!file.is_open()) return file_failure(errno, path);
  return OutputFile(std::move(file), std::move(temporary), path, existing);
}

Result<void> OutputFile::publish() {
  if (path_ == standard_output) return copy_to_descriptor(file_.get(), STDOUT_FILENO);

  // mkostemp makes files of its owner only; a result is an ordinary file. umask can only be read by setting it.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(file_.get(), 0666 & ~mask);
  // A full network disk may tell only now. A disk is not waited for, as by no tool that could make the file again.
  if (::close(file_.release()) != 0) return file_failure(errno, path_);
  const unsigned flags = existing_ == Existing::refuse ? RENAME_NOREPLACE : 0;
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) {
    return errno == EEXIST ? exists_failure(path_) : file_failure(errno, path_);
  }
  temporary_.clear();
  return {};
}

}  // namespace decant::programs
