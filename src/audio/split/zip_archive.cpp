#include "audio/split/zip_archive.h"

#include <fmt/format.h>
#include <minizip/zip.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "audio/av/io.h"

namespace decant::audio {

namespace {

// More than any local header: 30 bytes, the name, and ZIP64's 20.
constexpr ByteCount workshop_gap = 512;
constexpr std::size_t copy_bytes = 64 * 1024;
constexpr ByteCount zip64_from = 0xffffffff;
constexpr unsigned long name_is_utf8 = 1U << 11U;
constexpr unsigned long made_by_unix = (3U << 8U) | 30U;
constexpr unsigned long regular_file = 0100644UL << 16U;

}  // namespace

struct ZipArchive::State {
  int descriptor = -1;
  ByteCount position = 0;
  int error = 0;  // of the system, the first
  zipFile zip = nullptr;

  static void* open(void* opaque, const void*, int) { return opaque; }
  static unsigned long read(void* opaque, void*, void* buffer, unsigned long size) {
    auto& state = *static_cast<State*>(opaque);
    const std::size_t got = av::read_at(state.descriptor, state.position, {static_cast<std::uint8_t*>(buffer), size});
    state.position += static_cast<ByteCount>(got);
    return got;
  }
  static unsigned long write(void* opaque, void*, const void* buffer, unsigned long size) {
    auto& state = *static_cast<State*>(opaque);
    std::size_t done = 0;
    while (done < size) {
      const ssize_t wrote =
          ::pwrite(state.descriptor, static_cast<const char*>(buffer) + done, size - done, state.position);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) {
        if (state.error == 0) state.error = wrote == 0 ? ENOSPC : errno;
        break;
      }
      done += static_cast<std::size_t>(wrote);
      state.position += wrote;
    }
    return done;
  }
  static ZPOS64_T tell(void* opaque, void*) { return static_cast<ZPOS64_T>(static_cast<State*>(opaque)->position); }
  static long seek(void* opaque, void*, ZPOS64_T offset, int origin) {
    auto& state = *static_cast<State*>(opaque);
    // minizip writes forward and goes back to headers: it never asks for the end.
    if (origin == ZLIB_FILEFUNC_SEEK_END) return -1;
    state.position = static_cast<ByteCount>(offset) + (origin == ZLIB_FILEFUNC_SEEK_CUR ? state.position : 0);
    return 0;
  }
  static int close(void*, void*) { return 0; }
  static int tell_error(void* opaque, void*) { return static_cast<State*>(opaque)->error; }

  [[nodiscard]] Failure failed(int code) const {
    if (error != 0) return system_failure(error, "write the archive");
    return failure(ErrorCode::internal, "the archive could not be written", fmt::format("minizip says {}", code));
  }
};

ZipArchive::ZipArchive(std::unique_ptr<State> state) : state_(std::move(state)) {}
ZipArchive::ZipArchive(ZipArchive&& other) noexcept = default;

ZipArchive::~ZipArchive() {
  if (state_ && state_->zip != nullptr) zipClose(state_->zip, nullptr);
}

Result<ZipArchive> ZipArchive::make(int descriptor) {
  auto state = std::make_unique<State>();
  state->descriptor = descriptor;
  zlib_filefunc64_def calls{.zopen64_file = State::open,
                            .zread_file = State::read,
                            .zwrite_file = State::write,
                            .ztell64_file = State::tell,
                            .zseek64_file = State::seek,
                            .zclose_file = State::close,
                            .zerror_file = State::tell_error,
                            .opaque = state.get()};
  state->zip = zipOpen2_64("", APPEND_STATUS_CREATE, nullptr, &calls);
  if (state->zip == nullptr) return failure(ErrorCode::internal, "the archive could not be begun");
  return ZipArchive(std::move(state));
}

ByteCount ZipArchive::content_begin() const { return state_->position + workshop_gap; }

Result<void> ZipArchive::add(const std::string& name, ByteCount size) {
  if (name.empty() || name.size() > most_name_bytes) return failure(ErrorCode::internal, "a bad name in an archive");
  ByteCount from = content_begin();
  // No time of its own: the same conversion makes the same archive.
  zip_fileinfo info{};
  info.tmz_date = {.tm_sec = 0, .tm_min = 0, .tm_hour = 0, .tm_mday = 1, .tm_mon = 0, .tm_year = 1980};
  info.external_fa = regular_file;
  int code = zipOpenNewFileInZip4_64(state_->zip, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, /*method=*/0,
                                     /*level=*/0, /*raw=*/0, -MAX_WBITS, DEF_MEM_LEVEL, 0, nullptr, 0, made_by_unix,
                                     name_is_utf8, size >= zip64_from ? 1 : 0);
  if (code != ZIP_OK) return state_->failed(code);
  std::vector<std::uint8_t> buffer(copy_bytes);
  // What is written always stays behind what is read.
  for (const ByteCount end = from + size; from < end;) {
    const auto wanted = static_cast<std::size_t>(std::min<ByteCount>(copy_bytes, end - from));
    if (av::read_at(state_->descriptor, from, {buffer.data(), wanted}) < wanted)
      return failure(ErrorCode::internal, "the archive could not be written", "its content is not there");
    code = zipWriteInFileInZip(state_->zip, buffer.data(), static_cast<unsigned>(wanted));
    if (code != ZIP_OK) return state_->failed(code);
    from += static_cast<ByteCount>(wanted);
  }
  code = zipCloseFileInZip(state_->zip);
  if (code != ZIP_OK) return state_->failed(code);
  return {};
}

Result<ByteCount> ZipArchive::finish() {
  const int code = zipClose(std::exchange(state_->zip, nullptr), nullptr);
  if (code != ZIP_OK || state_->error != 0) return state_->failed(code);
  if (::ftruncate(state_->descriptor, state_->position) != 0) return system_failure(errno, "end the archive");
  return state_->position;
}

}  // namespace decant::audio
