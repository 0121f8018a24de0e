#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace decant {
namespace {

constexpr ByteCount write_out_step = 4 << 20;

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

Descriptor::~Descriptor() { close(); }

void Descriptor::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Failure system_failure(int error_number, std::string_view action, std::string detail) {
  ErrorCode code = ErrorCode::internal;
  std::string message = "could not ";
  message += action;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      code = ErrorCode::quota_exceeded;
      message += ": the disk is full";
      break;
    case ENOENT:
      code = ErrorCode::not_found;
      message += ": it does not exist";
      break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EIO: code = ErrorCode::unavailable; break;
    default: break;
  }
  std::string log_text = std::generic_category().message(error_number);
  if (!detail.empty()) log_text += ": " + std::move(detail);
  return failure(code, std::move(message), std::move(log_text));
}

Result<SpoolFile> SpoolFile::make(const std::filesystem::path& folder) {
  Descriptor file{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  if (file.is_open()) return SpoolFile(std::move(file));
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
    return system_failure(errno, "make a spool file", folder.string());
  }
  std::string name = (folder / "spool-XXXXXX").string();
  file = Descriptor{::mkostemp(name.data(), O_CLOEXEC)};
  if (!file.is_open()) return system_failure(errno, "make a spool file", folder.string());
  ::unlink(name.c_str());
  return SpoolFile(std::move(file));
}

Result<void> SpoolFile::append(std::span<const std::byte> bytes) {
  is_flushed_ = false;
  DECANT_CHECK(write_all(file_.get(), bytes));
  const ByteCount end = ::lseek(file_.get(), 0, SEEK_CUR);
  const ByteCount before = end - static_cast<ByteCount>(bytes.size());
  if (end / write_out_step != before / write_out_step) {
    // So that flush_to_disk(), which tells what goes wrong with the disk, finds little left to do.
    const ByteCount from = before / write_out_step * write_out_step;
    (void)::sync_file_range(file_.get(), from, end - from, SYNC_FILE_RANGE_WRITE);
  }
  return {};
}

Result<ByteCount> SpoolFile::size() const { return file_size(file_.get()); }

Result<void> SpoolFile::flush_to_disk() const {
  if (is_flushed_) return {};
  if (::fsync(file_.get()) != 0) return system_failure(errno, "flush a file to disk");
  is_flushed_ = true;
  return {};
}

Result<Descriptor> open_for_reading(const std::filesystem::path& path) {
  // O_NONBLOCK so that a FIFO under that name cannot hang the caller.
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file.is_open()) return system_failure(errno, "open the file", path.string());
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_failure(errno, "open the file", path.string());
  if (!S_ISREG(status.st_mode)) {
    return failure(ErrorCode::invalid_argument, "could not open the file: it is not a regular file", path.string());
  }
  return file;
}

Result<ByteCount> file_size(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return system_failure(errno, "read the size of a file");
  return status.st_size;
}

Result<void> write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return system_failure(errno, "write to disk");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace decant
