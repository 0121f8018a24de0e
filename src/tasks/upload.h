#pragma once

#include <filesystem>
#include <span>

#include "base/file.h"
#include "base/sha256.h"

namespace decant::tasks {

/// A file on its way in: kept on disk and hashed piece by piece, so that memory does not grow with its size. Every call
/// blocks; one thread at a time.
class Upload {
 public:
  /// `most`: the most bytes it may have.
  static Result<Upload> make(const std::filesystem::path& spool_folder, ByteCount most);

  /// too_large past the most; quota_exceeded when the disk is full.
  Result<void> append(std::span<const std::byte> bytes);
  [[nodiscard]] ByteCount size() const { return size_; }
  /// Of all that came. Once.
  [[nodiscard]] std::string finish_sha256() { return hash_.finish_hex(); }
  [[nodiscard]] const SpoolFile& file() const { return file_; }

 private:
  Upload(SpoolFile file, ByteCount most) : file_(std::move(file)), most_(most) {}

  SpoolFile file_;
  Sha256 hash_;
  ByteCount size_ = 0;
  ByteCount most_;
};

}  // namespace decant::tasks
