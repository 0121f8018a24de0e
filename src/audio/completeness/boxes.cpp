// Containers whose outermost parts tell their sizes: MP4, ASF, Matroska.
#include "audio/completeness/completeness.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

constexpr int most_boxes = 100'000;

/// An EBML number of one to eight bytes with its length marker left out (RFC 8794 section 4); nothing where damaged.
std::optional<std::uint64_t> read_vint(ByteReader& in, bool& is_unknown) {
  const std::uint8_t first = in.u8();
  if (first == 0) return std::nullopt;
  const int length = __builtin_clz(first) - 24 + 1;
  std::uint64_t value = first & (0xFF >> length);
  const auto more = static_cast<std::size_t>(length - 1);
  value = value << (8 * more) | in.big_endian(more);
  is_unknown = value == (std::uint64_t{1} << (7 * length)) - 1;
  return in.ok() ? std::optional(value) : std::nullopt;
}

}  // namespace

/// ISO 14496-12: every top-level box ends within the file, and there is a movie box, without which nothing can be
/// found.
Result<Claims> check_mp4(const FileView& file) {
  ByteCount position = file.begin;
  std::optional<std::pair<ByteCount, ByteCount>> movie;
  for (int boxes = 0; boxes < most_boxes && position < file.size; ++boxes) {
    const auto header = file.read(position, 16);
    // Some bytes behind the last box hurt nobody.
    if (header.size() < 8) break;
    ByteReader in(header);
    std::uint64_t size = in.be32();
    const std::string_view type = in.text(4);
    const bool is_sound_or_index = type == "mdat" || type == "moov" || type == "moof";
    if (size == 1) size = in.big_endian(8);
    const auto left = static_cast<std::uint64_t>(file.size - position);
    if (size == 0) size = left;  // until the end of the file
    if (size > left && is_sound_or_index) {
      const auto total = static_cast<ByteCount>(std::min<std::uint64_t>(size, INT64_MAX));
      return cut_short(total - static_cast<ByteCount>(left), total);
    }
    if (size < 8 || size > left) break;
    if (type == "moov") movie = {position, position + static_cast<ByteCount>(size)};
    position += static_cast<ByteCount>(size);
  }
  if (!movie) {
    return failure(ErrorCode::unprocessable,
                   "the file is cut short or was never finished: its index (the moov box) is missing");
  }
  return read_mp4_claims(file, movie->first, movie->second);
}

/// The header object's File Properties tell the size, unless it was broadcast (ASF specification 3.2).
Result<Claims> check_asf(const FileView& file) {
  constexpr std::string_view file_properties("\xA1\xDC\xAB\x8C\x47\xA9\xCF\x11\x8E\xE4\x00\xC0\x0C\x20\x53\x65", 16);
  const auto head = file.read(file.begin, 64 * 1024);
  ByteReader in(head);
  in.take(30);
  while (in.ok() && in.left() >= 24) {
    const std::string_view id = in.text(16);
    const std::uint64_t size = in.little_endian(8);
    if (size < 24) break;
    if (id != file_properties) {
      in.take(static_cast<std::size_t>(std::min<std::uint64_t>(size - 24, in.left() + 1)));
      continue;
    }
    in.take(16);
    const auto total = static_cast<ByteCount>(std::min<std::uint64_t>(in.little_endian(8), INT64_MAX));
    in.take(40);
    const bool is_broadcast = (in.le32() & 1) != 0;
    if (in.ok() && !is_broadcast && total > file.size - file.begin)
      return cut_short(total - (file.size - file.begin), total);
    break;
  }
  return Claims{};
}

/// The Segment's size (RFC 9559), where it is known.
Result<Claims> check_matroska(const FileView& file) {
  const auto head = file.read(file.begin, 4096);
  ByteReader in(head);
  in.take(4);
  bool is_unknown = false;
  const auto header_size = read_vint(in, is_unknown);
  if (!header_size || *header_size > in.left()) return Claims{};
  in.take(static_cast<std::size_t>(*header_size));
  if (in.be32() != 0x18538067) return Claims{};
  const auto segment_size = read_vint(in, is_unknown);
  if (!segment_size || is_unknown) return Claims{};
  const auto left = static_cast<std::uint64_t>(file.size - file.begin) - (head.size() - in.left());
  if (*segment_size > left) {
    const auto total = static_cast<ByteCount>(std::min<std::uint64_t>(*segment_size, INT64_MAX));
    return cut_short(total - static_cast<ByteCount>(left), total);
  }
  return Claims{};
}

}  // namespace decant::audio
