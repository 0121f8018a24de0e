#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace decant::audio {

struct PictureSize {
  std::uint32_t width = 0;  ///< pixels; 0 where the picture does not tell
  std::uint32_t height = 0;
  std::uint32_t depth = 0;  ///< bits a pixel
};

/// The MIME type by content: JPEG, PNG, GIF, BMP or WebP; empty for anything else.
[[nodiscard]] std::string sniff_picture(std::span<const std::uint8_t> data);
/// From the headers of JPEG (ITU T.81 SOF) and PNG (IHDR).
[[nodiscard]] PictureSize measure_picture(std::span<const std::uint8_t> data);
/// The number of a picture type that libavformat calls `name` ("Cover (front)"); 0 (other) when unknown.
[[nodiscard]] int find_picture_type(std::string_view name);
[[nodiscard]] std::string_view picture_type_name(int type);

}  // namespace decant::audio
