#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"

namespace decant {

/// A number of bytes. Signed, as off_t is.
using ByteCount = std::int64_t;

/// Owns one file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  /// Gives the descriptor up without closing it.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void close();

 private:
  int fd_ = -1;
};

/// The errno text of a failed system call as an Error: ENOSPC, EDQUOT and EFBIG are quota_exceeded, ENOENT is
/// not_found, EMFILE, ENFILE, ENOMEM and EIO are unavailable, the rest internal. `action` ("write the upload") goes
/// into the message, `detail` (a path) only into the log.
[[nodiscard]] Failure system_failure(int error_number, std::string_view action, std::string detail = {});

/// A nameless file on disk for bytes on their way: it is gone when its last descriptor closes, also after kill -9.
/// Reading and writing block.
class SpoolFile {
 public:
  /// In `folder`, with O_TMPFILE, so that an object store on the same file system can link it into place without a
  /// copy; where the file system has no O_TMPFILE, a named file that is unlinked at once.
  static Result<SpoolFile> make(const std::filesystem::path& folder);

  /// Appends all of `bytes`. A full disk is quota_exceeded.
  Result<void> append(std::span<const std::byte> bytes);
  [[nodiscard]] int descriptor() const { return file_.get(); }
  /// The size by fstat, so that writes of another process through the descriptor count.
  [[nodiscard]] Result<ByteCount> size() const;
  /// fsync, unless nothing was appended since the last: even with nothing to write that costs the disk a flush. What
  /// another process writes through the descriptor it has written before the first.
  Result<void> flush_to_disk() const;

 private:
  explicit SpoolFile(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
  mutable bool is_flushed_ = false;
};

/// Opens an existing regular file for reading.
Result<Descriptor> open_for_reading(const std::filesystem::path& path);
/// The size of a regular file.
Result<ByteCount> file_size(int fd);
/// Writes all of it at the descriptor's own offset. Blocks.
Result<void> write_all(int fd, std::span<const std::byte> bytes);

}  // namespace decant
