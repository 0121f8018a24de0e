#include "audio/av/io.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "audio/av/error.h"

namespace decant::audio::av {

namespace {

// Large enough that system calls do not show, small enough that a short clip does not fault in pages for nothing.
constexpr int buffer_size = 32 * 1024;

IoContext make_io(int writes, void* state, int (*read)(void*, std::uint8_t*, int),
                  int (*write)(void*, std::uint8_t*, int), std::int64_t (*seek)(void*, std::int64_t, int)) {
  auto* buffer = static_cast<std::uint8_t*>(av_malloc(buffer_size));
  if (buffer == nullptr) throw std::bad_alloc();
  AVIOContext* io = avio_alloc_context(buffer, buffer_size, writes, state, read, write, seek);
  if (io == nullptr) {
    av_free(buffer);
    throw std::bad_alloc();
  }
  io->seekable = AVIO_SEEKABLE_NORMAL;
  return IoContext(io);
}

/// Where lseek's `whence` and `offset` lead in a file of `end` bytes at `position`; negative when nowhere.
std::int64_t seek_target(std::int64_t offset, int whence, ByteCount position, ByteCount end) {
  std::int64_t target = -1;
  switch (whence & ~AVSEEK_FORCE) {
    case SEEK_SET: target = offset; break;
    case SEEK_CUR:
      if (__builtin_add_overflow(position, offset, &target)) return AVERROR(EINVAL);
      break;
    case SEEK_END:
      if (__builtin_add_overflow(end, offset, &target)) return AVERROR(EINVAL);
      break;
    default: break;
  }
  return target < 0 ? AVERROR(EINVAL) : target;
}

}  // namespace

Result<ByteCount> size_by_seeking(int descriptor) {
  const off_t end = ::lseek(descriptor, 0, SEEK_END);
  if (end < 0) return system_failure(errno, "read the size of a file");
  return end;
}

Result<void> make_empty(int descriptor) {
  if (::ftruncate(descriptor, 0) != 0) return system_failure(errno, "empty a file");
  return {};
}

std::size_t read_at(int descriptor, ByteCount position, std::span<std::uint8_t> buffer) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t got =
        ::pread(descriptor, buffer.data() + done, buffer.size() - done, position + static_cast<ByteCount>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

InputFile::InputFile(int descriptor, ByteCount begin, ByteCount end)
    : state_(std::make_unique<State>(State{descriptor, begin, end, 0})),
      io_(make_io(0, state_.get(), &InputFile::read, nullptr, &InputFile::seek)) {}

int InputFile::read(void* opaque, std::uint8_t* buffer, int size) {
  State& state = *static_cast<State*>(opaque);
  const ByteCount left = state.end - state.begin - state.position;
  if (left <= 0 || size <= 0) return AVERROR_EOF;
  const auto wanted = static_cast<std::size_t>(std::min<ByteCount>(size, left));
  for (;;) {
    const ssize_t got = ::pread(state.descriptor, buffer, wanted, state.begin + state.position);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return AVERROR(errno);
    if (got == 0) return AVERROR_EOF;
    state.position += got;
    return static_cast<int>(got);
  }
}

std::int64_t InputFile::seek(void* opaque, std::int64_t offset, int whence) {
  State& state = *static_cast<State*>(opaque);
  if ((whence & AVSEEK_SIZE) != 0) return state.end - state.begin;
  const std::int64_t target = seek_target(offset, whence, state.position, state.end - state.begin);
  if (target >= 0) state.position = target;
  return target;
}

OutputFile::OutputFile(int descriptor, ByteCount begin)
    : state_(std::make_unique<State>(State{.descriptor = descriptor, .begin = begin})),
      io_(make_io(1, state_.get(), nullptr, &OutputFile::write_some, &OutputFile::seek)) {}

int OutputFile::write_some(void* opaque, std::uint8_t* buffer, int size) {
  State& state = *static_cast<State*>(opaque);
  int done = 0;
  while (done < size) {
    auto count = static_cast<std::size_t>(size - done);
    ByteCount place = state.position + state.inserted;
    if (state.position < state.inserted_at) {
      count = std::min(count, static_cast<std::size_t>(state.inserted_at - state.position));
      place = state.position;
    }
    const ssize_t wrote = ::pwrite(state.descriptor, buffer + done, count, state.begin + place);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return AVERROR(wrote == 0 ? ENOSPC : errno);
    done += static_cast<int>(wrote);
    state.position += wrote;
    state.end = std::max(state.end, state.position);
  }
  return size;
}

std::int64_t OutputFile::seek(void* opaque, std::int64_t offset, int whence) {
  State& state = *static_cast<State*>(opaque);
  if ((whence & AVSEEK_SIZE) != 0) return state.end;
  const std::int64_t target = seek_target(offset, whence, state.position, state.end);
  if (target >= 0) state.position = target;
  return target;
}

void OutputFile::write(std::span<const std::uint8_t> bytes) {
  avio_write(io_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

void OutputFile::overwrite(ByteCount position, std::span<const std::uint8_t> bytes) {
  const ByteCount here = avio_tell(io_.get());
  avio_seek(io_.get(), position, SEEK_SET);
  write(bytes);
  avio_seek(io_.get(), here, SEEK_SET);
}

void OutputFile::insert(ByteCount position, std::span<const std::uint8_t> bytes) {
  avio_seek(io_.get(), position, SEEK_SET);
  write(bytes);
  avio_flush(io_.get());
  state_->inserted_at = position;
  state_->inserted = static_cast<ByteCount>(bytes.size());
  state_->end = 0;
  avio_seek(io_.get(), 0, SEEK_SET);
}

void OutputFile::seek_to_end() {
  avio_flush(io_.get());
  avio_seek(io_.get(), state_->end, SEEK_SET);
}

Result<void> OutputFile::flush() {
  avio_flush(io_.get());
  if (io_->error < 0) return av_failure(ErrorCode::internal, "the result could not be written", io_->error);
  return {};
}

}  // namespace decant::audio::av
