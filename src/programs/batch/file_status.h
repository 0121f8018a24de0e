#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/file.h"

namespace decant::programs::batch {

/// Which file it is, whatever it is called.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend auto operator<=>(const FileId&, const FileId&) = default;
};

/// The state of a file's content, as far as it can be told without reading it.
struct FileVersion {
  ByteCount size = 0;
  std::int64_t modified = 0;  ///< nanoseconds since 1970
  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

struct FileStatus {
  enum class Kind { regular, folder, other };
  Kind kind = Kind::other;
  FileId id = {};
  FileVersion version = {};
};

/// Of what the name leads to, links followed. Nothing, and errno, when there is nothing or it may not be seen. Blocks.
[[nodiscard]] std::optional<FileStatus> find_status(const std::string& path);
/// Of an open file.
[[nodiscard]] std::optional<FileStatus> find_status(int file);

}  // namespace decant::programs::batch
