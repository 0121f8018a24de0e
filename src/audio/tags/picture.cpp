#include "audio/tags/picture.h"

#include <array>

#include "audio/tags/bytes.h"

namespace decant::audio {

namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, 21> type_names = {"Other",
                                                         "32x32 pixels 'file icon'",
                                                         "Other file icon",
                                                         "Cover (front)",
                                                         "Cover (back)",
                                                         "Leaflet page",
                                                         "Media (e.g. label side of CD)",
                                                         "Lead artist/lead performer/soloist",
                                                         "Artist/performer",
                                                         "Conductor",
                                                         "Band/Orchestra",
                                                         "Composer",
                                                         "Lyricist/text writer",
                                                         "Recording Location",
                                                         "During recording",
                                                         "During performance",
                                                         "Movie/video screen capture",
                                                         "A bright coloured fish",
                                                         "Illustration",
                                                         "Band/artist logotype",
                                                         "Publisher/Studio logotype"};

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

int find_picture_type(std::string_view name) {
  const auto found = std::ranges::find(type_names, name);
  return found == type_names.end() ? 0 : static_cast<int>(found - type_names.begin());
}

std::string_view picture_type_name(int type) {
  return type >= 0 && static_cast<std::size_t>(type) < type_names.size() ? type_names[static_cast<std::size_t>(type)]
                                                                         : type_names[0];
}

}  // namespace decant::audio
