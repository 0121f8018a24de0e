#include "tasks/picture.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "base/bytes.h"

namespace decant::tasks {

namespace {

using namespace std::string_view_literals;

// Where a picture's size stands: behind what JPEG has of EXIF and color profiles, at most.
constexpr ByteCount head_bytes = 1024 * 1024;
// Some programs append to a picture; its own end is not far.
constexpr ByteCount tail_bytes = 64 * 1024;

PictureSize measure_jpeg(std::span<const std::uint8_t> data) {
  ByteReader in(data);
  in.take(2);
  while (in.ok() && in.left() > 0) {
    if (in.u8() != 0xFF) return {};
    std::uint8_t marker = in.u8();
    while (marker == 0xFF && in.ok()) marker = in.u8();
    const auto length = static_cast<std::size_t>(in.big_endian(2));
    const bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) {
      const auto precision = static_cast<std::uint32_t>(in.u8());
      const auto height = static_cast<std::uint32_t>(in.big_endian(2));
      const auto width = static_cast<std::uint32_t>(in.big_endian(2));
      return {width, height, precision * in.u8()};
    }
    if (length < 2) return {};
    in.take(length - 2);
  }
  return {};
}

PictureSize measure_png(std::span<const std::uint8_t> data) {
  ByteReader in(data);
  in.take(16);
  const std::uint32_t width = in.be32();
  const std::uint32_t height = in.be32();
  const std::uint32_t bits = in.u8();
  static constexpr std::array<std::uint32_t, 7> samples = {1, 0, 3, 1, 2, 0, 4};
  const std::uint8_t color = in.u8();
  if (!in.ok() || color >= samples.size()) return {};
  return {width, height, bits * samples[color]};
}

Failure wrong_cover(ErrorCode code, std::string message) {
  Error error{code, fmt::format("cover: {}", message), {}, {}};
  error.fields.push_back({"cover", std::move(message)});
  return Failure(std::move(error));
}

Result<std::vector<std::uint8_t>> read_part(int file, ByteCount position, ByteCount count) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got =
        ::pread(file, bytes.data() + size, bytes.size() - size, position + static_cast<ByteCount>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read the cover");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

bool contains(std::span<const std::uint8_t> bytes, std::string_view text) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).contains(text);
}

}  // namespace

std::string sniff_picture(std::span<const std::uint8_t> data) {
  const std::string_view head(reinterpret_cast<const char*>(data.data()), std::min<std::size_t>(data.size(), 16));
  if (head.starts_with("\xFF\xD8\xFF"sv)) return "image/jpeg";
  if (head.starts_with("\x89PNG\r\n\x1A\n"sv)) return "image/png";
  if (head.starts_with("GIF8")) return "image/gif";
  if (head.starts_with("BM")) return "image/bmp";
  if (head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP") return "image/webp";
  return {};
}

PictureSize measure_picture(std::span<const std::uint8_t> data) {
  const std::string type = sniff_picture(data);
  if (type == "image/jpeg") return measure_jpeg(data);
  if (type == "image/png") return measure_png(data);
  return {};
}

Result<void> check_cover(int file, const CoverLimits& limits) {
  DECANT_TRY(const ByteCount size, file_size(file));
  if (size > limits.bytes)
    return wrong_cover(ErrorCode::too_large, fmt::format("may have at most {} bytes", limits.bytes));
  DECANT_TRY(const auto head, read_part(file, 0, std::min(size, head_bytes)));
  const std::string type = sniff_picture(head);
  if (type != "image/jpeg" && type != "image/png")
    return wrong_cover(ErrorCode::unsupported_media, "must be a JPEG or PNG picture");
  const PictureSize picture = measure_picture(head);
  if (picture.width == 0 || picture.height == 0)
    return wrong_cover(ErrorCode::unprocessable, "the picture is damaged: it tells no size");
  if (picture.width > limits.side || picture.height > limits.side) {
    return wrong_cover(ErrorCode::unprocessable,
                       fmt::format("the picture has {} x {} pixels, and may have {} at a side", picture.width,
                                   picture.height, limits.side));
  }
  DECANT_TRY(const auto tail, read_part(file, std::max<ByteCount>(size - tail_bytes, 0), std::min(size, tail_bytes)));
  if (!contains(tail, type == "image/png" ? "IEND"sv : "\xFF\xD9"sv))
    return wrong_cover(ErrorCode::unprocessable, "the picture is cut short");
  return {};
}

}  // namespace decant::tasks
