#include "programs/batch/file_status.h"

#include <sys/stat.h>

namespace decant::programs::batch {
namespace {

FileStatus read_status(const struct stat& status) {
  using enum FileStatus::Kind;
  return {S_ISREG(status.st_mode)   ? regular
          : S_ISDIR(status.st_mode) ? folder
                                    : other,
          {status.st_dev, status.st_ino},
          {status.st_size, std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec}};
}

}  // namespace

std::optional<FileStatus> find_status(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return read_status(status);
}

std::optional<FileStatus> find_status(int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) return std::nullopt;
  return read_status(status);
}

}  // namespace decant::programs::batch
