#include "programs/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <vector>

namespace decant::programs {
namespace {

constexpr std::size_t piece = std::size_t{256} * 1024;

bool is_whole_file(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && ::lseek(fd, 0, SEEK_CUR) == 0;
}

Result<Descriptor> duplicate(int fd) {
  Descriptor copy{::fcntl(fd, F_DUPFD_CLOEXEC, 3)};
  if (!copy.is_open()) return system_failure(errno, "open the file");
  return copy;
}

}  // namespace

Result<Descriptor> open_input(const std::string& path) {
  if (path != "-") {
    auto file = open_for_reading(path);
    // Here the path is the user's own: say it.
    if (!file) file.error().message = path + ": " + file.error().message;
    return file;
  }
  if (is_whole_file(STDIN_FILENO)) return duplicate(STDIN_FILENO);
  DECANT_TRY(SpoolFile spool, SpoolFile::make(std::filesystem::temp_directory_path()));
  std::vector<std::byte> buffer(piece);
  while (true) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read standard input");
    if (got == 0) return duplicate(spool.descriptor());
    DECANT_CHECK(spool.append(std::span(buffer).first(static_cast<std::size_t>(got))));
  }
}

Result<void> copy_to_descriptor(int from, int to) {
  std::vector<std::byte> buffer(piece);
  for (off_t offset = 0;;) {
    const ssize_t got = ::pread(from, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read the result");
    if (got == 0) return {};
    DECANT_CHECK(write_all(to, std::span(buffer).first(static_cast<std::size_t>(got))));
    offset += got;
  }
}

}  // namespace decant::programs
