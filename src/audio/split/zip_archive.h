#pragma once

#include <memory>

#include "base/file.h"

namespace decant::audio {

/// A ZIP archive (APPNOTE.TXT 6.3, ZIP64 where it is needed) of files that are stored as they are, written into an
/// empty regular file that is its own workshop: a file's content is first written at content_begin(), some bytes behind
/// where it shall stand, and add() moves it forward, behind the header that tells its size and CRC. So there are no
/// temporary files, and memory grows with the number of files alone. Reads by pread and writes by pwrite.
class ZipArchive {
 public:
  /// The longest name that add() takes.
  static constexpr std::size_t most_name_bytes = 255;

  /// The descriptor is not owned.
  static Result<ZipArchive> make(int descriptor);
  ZipArchive(ZipArchive&& other) noexcept;
  ZipArchive& operator=(ZipArchive&& other) = delete;
  ~ZipArchive();

  /// Where the content of the next file begins until it is added.
  [[nodiscard]] ByteCount content_begin() const;
  /// Adds the `size` bytes from content_begin() on. `name` is UTF-8.
  Result<void> add(const std::string& name, ByteCount size);
  /// Writes the directory, and ends the file behind it: its size.
  Result<ByteCount> finish();

 private:
  struct State;
  explicit ZipArchive(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace decant::audio
