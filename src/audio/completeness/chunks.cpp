// Containers made of chunks that tell their sizes: the one with the sound must end within the file.
#include <array>

#include "audio/completeness/completeness.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

// More chunks than any sane file has before its sound.
constexpr int most_chunks = 4096;

/// What programs write that do not know the length yet: they stream, or never came to correct it.
bool is_unknown_size(std::uint64_t size) {
  constexpr std::array<std::uint64_t, 5> placeholders = {0, 0xFFFFFFFF, 0x7FFFF000, 0x80000000, ~std::uint64_t{0}};
  return std::ranges::find(placeholders, size) != placeholders.end();
}

Result<Claims> check_end(const FileView& file, ByteCount body, std::uint64_t size) {
  const auto left = static_cast<std::uint64_t>(std::max<ByteCount>(file.size - body, 0));
  if (size > left) {
    const auto total = static_cast<ByteCount>(std::min<std::uint64_t>(size, INT64_MAX));
    return cut_short(total - static_cast<ByteCount>(left), total);
  }
  return Claims{};
}

std::string_view type_of(const std::vector<std::uint8_t>& header, std::size_t offset) {
  return {reinterpret_cast<const char*>(header.data()) + offset, 4};
}

}  // namespace

/// RIFF, RIFX and RF64 (EBU Tech 3306): "data" of WAV, "movi" of AVI.
Result<Claims> check_riff(const FileView& file) {
  const auto head = file.read(file.begin, 12);
  if (head.size() < 12) return Claims{};
  const bool big_endian = type_of(head, 0) == "RIFX";
  std::uint64_t data_size_64 = 0;
  ByteCount position = file.begin + 12;
  for (int chunks = 0; chunks < most_chunks; ++chunks) {
    const auto header = file.read(position, 12);
    if (header.size() < 8) return Claims{};
    const std::string_view type = type_of(header, 0);
    ByteReader in(std::span(header).subspan(4));
    std::uint64_t size = big_endian ? in.big_endian(4) : in.little_endian(4);
    if (type == "ds64") {
      const auto body = file.read(position + 8, 16);
      if (body.size() == 16) data_size_64 = ByteReader(std::span(body).subspan(8)).little_endian(8);
    }
    const bool is_movie = type == "LIST" && header.size() == 12 && type_of(header, 8) == "movi";
    if (type == "data" || is_movie) {
      if (size == 0xFFFFFFFF && data_size_64 != 0) size = data_size_64;
      if (is_unknown_size(size)) return Claims{};
      DECANT_TRY(Claims claims, check_end(file, position + 8, size));
      if (!is_movie) claims.sound_end = position + 8 + static_cast<ByteCount>(size);
      return claims;
    }
    position += 8 + static_cast<ByteCount>(size + size % 2);
  }
  return Claims{};
}

/// AIFF and AIFF-C: "SSND"; 8SVX: "BODY".
Result<Claims> check_form(const FileView& file) {
  ByteCount position = file.begin + 12;
  for (int chunks = 0; chunks < most_chunks; ++chunks) {
    const auto header = file.read(position, 8);
    if (header.size() < 8) return Claims{};
    const std::uint64_t size = ByteReader(std::span(header).subspan(4)).be32();
    const std::string_view type = type_of(header, 0);
    if (type == "SSND" || type == "BODY") {
      return is_unknown_size(size) ? Claims{} : check_end(file, position + 8, size);
    }
    position += 8 + static_cast<ByteCount>(size + size % 2);
  }
  return Claims{};
}

/// Sony Wave64: chunks named by GUIDs whose first four bytes are the RIFF name; sizes count the 24-byte header.
Result<Claims> check_wave64(const FileView& file) {
  ByteCount position = file.begin + 40;
  for (int chunks = 0; chunks < most_chunks; ++chunks) {
    const auto header = file.read(position, 24);
    if (header.size() < 24) return Claims{};
    const std::uint64_t size = ByteReader(std::span(header).subspan(16)).little_endian(8);
    if (type_of(header, 0) == "data") {
      return is_unknown_size(size) ? Claims{} : check_end(file, position, size);
    }
    if (size < 24 || size > static_cast<std::uint64_t>(file.size)) return Claims{};
    position += static_cast<ByteCount>((size + 7) / 8 * 8);
  }
  return Claims{};
}

/// Apple Core Audio Format.
Result<Claims> check_caf(const FileView& file) {
  ByteCount position = file.begin + 8;
  for (int chunks = 0; chunks < most_chunks; ++chunks) {
    const auto header = file.read(position, 12);
    if (header.size() < 12) return Claims{};
    const std::uint64_t size = ByteReader(std::span(header).subspan(4)).big_endian(8);
    if (type_of(header, 0) == "data") {
      return is_unknown_size(size) ? Claims{} : check_end(file, position + 12, size);
    }
    if (size > static_cast<std::uint64_t>(file.size)) return Claims{};
    position += 12 + static_cast<ByteCount>(size);
  }
  return Claims{};
}

Result<Claims> check_au(const FileView& file) {
  const auto header = file.read(file.begin, 12);
  if (header.size() < 12) return Claims{};
  ByteReader in(std::span(header).subspan(4));
  const std::uint32_t offset = in.be32();
  const std::uint32_t size = in.be32();
  return is_unknown_size(size) ? Claims{} : check_end(file, file.begin + offset, size);
}

/// Sony DSF: the whole file's size stands at 12.
Result<Claims> check_dsf(const FileView& file) {
  const auto header = file.read(file.begin, 20);
  if (header.size() < 20) return Claims{};
  const std::uint64_t size = ByteReader(std::span(header).subspan(12)).little_endian(8);
  return is_unknown_size(size) ? Claims{} : check_end(file, file.begin, size);
}

}  // namespace decant::audio
