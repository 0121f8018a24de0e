#include "objects/file/place_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "base/ids.h"

namespace decant::objects {
namespace {

constexpr std::string_view action = "store the object";

/// linkat by descriptor: AT_EMPTY_PATH would need CAP_DAC_READ_SEARCH. Returns errno, 0 when linked.
int link_descriptor(int fd, int folder_fd, const std::string& name) {
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  return ::linkat(AT_FDCWD, self.c_str(), folder_fd, name.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

Failure link_failure(int error_number, const std::string& name) {
  if (error_number == EEXIST) return failure(ErrorCode::conflict, "an object with this key exists", name);
  return system_failure(error_number, action, name);
}

Result<void> copy_by_hand(int from, off_t offset, int to) {
  std::array<std::byte, 256 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::pread(from, buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, action);
    if (got == 0) return {};
    DECANT_CHECK(write_all(to, std::span(buffer).first(static_cast<std::size_t>(got))));
    offset += got;
  }
}

Result<void> copy_content(int from, int to) {
  constexpr std::size_t step = 64 << 20;
  off_t offset = 0;
  for (;;) {
    const ssize_t copied = ::copy_file_range(from, &offset, to, nullptr, step, 0);
    if (copied > 0) continue;
    if (copied == 0) return {};
    if (errno == EINTR) continue;
    if (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)
      return copy_by_hand(from, offset, to);
    return system_failure(errno, action);
  }
}

Result<void> flush(int fd) {
  if (::fsync(fd) != 0) return system_failure(errno, action);
  return {};
}

/// The name is in the folder: make that durable, or take it back.
Result<void> flush_entry(int folder_fd, const std::string& name) {
  if (::fsync(folder_fd) == 0) return {};
  const int error_number = errno;
  ::unlinkat(folder_fd, name.c_str(), 0);
  return system_failure(error_number, action, name);
}

/// For file systems without O_TMPFILE (NFS, some FUSE): a name of its own, linked to the final one and removed.
Result<void> place_copy_by_name(int from, int folder_fd, const std::string& name) {
  const std::string temporary = temporary_prefix + random_hex(16);
  Descriptor copy{::openat(folder_fd, temporary.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600)};
  if (!copy.is_open()) return system_failure(errno, action, temporary);
  Result<void> placed = copy_content(from, copy.get());
  if (placed) placed = flush(copy.get());
  if (placed && ::linkat(folder_fd, temporary.c_str(), folder_fd, name.c_str(), 0) != 0)
    placed = link_failure(errno, name);
  ::unlinkat(folder_fd, temporary.c_str(), 0);
  DECANT_CHECK(std::move(placed));
  return flush_entry(folder_fd, name);
}

Result<void> place_copy(int from, int folder_fd, const std::string& name) {
  Descriptor copy{::openat(folder_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)};
  if (!copy.is_open()) {
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) return place_copy_by_name(from, folder_fd, name);
    return system_failure(errno, action, name);
  }
  DECANT_CHECK(copy_content(from, copy.get()));
  DECANT_CHECK(flush(copy.get()));
  if (const int error_number = link_descriptor(copy.get(), folder_fd, name); error_number != 0) {
    return link_failure(error_number, name);
  }
  return flush_entry(folder_fd, name);
}

bool must_copy(int link_error) {
  // ENOENT: the spool file had to be unlinked (no O_TMPFILE there), or /proc is not mounted. EPERM: no hard links here.
  return link_error == EXDEV || link_error == ENOENT || link_error == EPERM || link_error == EMLINK;
}

}  // namespace

Result<void> place_file(const SpoolFile& file, int folder_fd, const std::string& name) {
  // Content first, so that a crash never leaves the name with half of it.
  DECANT_CHECK(file.flush_to_disk());
  const int link_error = link_descriptor(file.descriptor(), folder_fd, name);
  if (link_error == 0) return flush_entry(folder_fd, name);
  if (must_copy(link_error)) return place_copy(file.descriptor(), folder_fd, name);
  return link_failure(link_error, name);
}

}  // namespace decant::objects
