#pragma once

#include "audio/av/handles.h"
#include "base/file.h"

namespace decant::audio::av {

/// The bytes [begin, end) of a regular file, as libav reads them: by pread at positions from 0, so that nothing of the
/// descriptor's own state matters. The descriptor is not owned.
class InputFile {
 public:
  InputFile(int descriptor, ByteCount begin, ByteCount end);
  /// Valid as long as this; not to be freed by its user.
  [[nodiscard]] AVIOContext* context() const { return io_.get(); }

 private:
  struct State {
    int descriptor;
    ByteCount begin;
    ByteCount end;
    ByteCount position;
  };
  static int read(void* opaque, std::uint8_t* buffer, int size);
  static std::int64_t seek(void* opaque, std::int64_t offset, int whence);

  std::unique_ptr<State> state_;
  IoContext io_;
};

/// A regular file as libav writes it: by pwrite, through a large buffer. The descriptor is not owned.
class OutputFile {
 public:
  /// `begin`: the place in the descriptor's file that is position 0 here.
  explicit OutputFile(int descriptor, ByteCount begin = 0);
  [[nodiscard]] AVIOContext* context() const { return io_.get(); }
  /// Appends at the context's position.
  void write(std::span<const std::uint8_t> bytes);
  /// Replaces bytes that were written before; the position stays.
  void overwrite(ByteCount position, std::span<const std::uint8_t> bytes);
  /// Puts bytes before `position`, once and before anything was written; all positions from there on, of this class and
  /// of libav, then leave them out.
  void insert(ByteCount position, std::span<const std::uint8_t> bytes);
  /// Goes to the end of what was written, after somebody else moved the position.
  void seek_to_end();
  [[nodiscard]] ByteCount position() const { return avio_tell(io_.get()); }
  /// Everything reached the kernel; quota_exceeded when it found no room.
  Result<void> flush();

 private:
  struct State {
    int descriptor;
    ByteCount begin;
    ByteCount position = 0;
    ByteCount end = 0;
    ByteCount inserted_at = 0;
    ByteCount inserted = 0;
  };
  static int write_some(void* opaque, std::uint8_t* buffer, int size);
  static std::int64_t seek(void* opaque, std::int64_t offset, int whence);

  std::unique_ptr<State> state_;
  IoContext io_;
};

/// The size of a regular file by its descriptor alone: the sandbox lets nobody ask with stat. Moves the descriptor's
/// position, which nothing here reads.
Result<ByteCount> size_by_seeking(int descriptor);

/// Takes back all that was written to a regular file.
Result<void> make_empty(int descriptor);

/// All of `buffer` from `position` of the file, less at its end or after an error: the number of bytes read.
std::size_t read_at(int descriptor, ByteCount position, std::span<std::uint8_t> buffer);

}  // namespace decant::audio::av
