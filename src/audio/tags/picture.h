#pragma once

#include <cstddef>
#include <string_view>

namespace decant::audio {

// FLAC's blocks, the narrowest place for a picture, end at 16 MiB.
inline constexpr std::size_t most_picture_bytes = 16 * 1024 * 1024 - 4096;

/// The number of a picture type that libavformat calls `name` ("Cover (front)"); 0 (other) when unknown.
[[nodiscard]] int find_picture_type(std::string_view name);
[[nodiscard]] std::string_view picture_type_name(int type);

}  // namespace decant::audio
