#include "programs/data_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace decant::programs {

Result<Descriptor> lock_data_folder(const std::string& folder) {
  const std::string path = folder + "/serve.lock";
  Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!file.is_open()) return system_failure(errno, "make the lock file", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 16> holder{};
    const ssize_t size = ::pread(file.get(), holder.data(), holder.size() - 1, 0);
    return failure(
        ErrorCode::conflict,
        fmt::format(
            "another `decant serve`{} runs on the data folder {}; stop it, or choose another folder with --data "
            "(several `decant web` and `decant worker` may share one)",
            size > 0 ? fmt::format(" (process {})", holder.data()) : "", folder));
  }
  const std::string own = std::to_string(::getpid());
  if (::ftruncate(file.get(), 0) != 0) return system_failure(errno, "write the lock file", path);
  DECANT_CHECK(write_all(file.get(), std::as_bytes(std::span(own))));
  return file;
}

}  // namespace decant::programs
