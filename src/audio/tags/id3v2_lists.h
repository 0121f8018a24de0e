#pragma once

#include <span>

#include "audio/metadata.h"

namespace decant::audio {

constexpr std::size_t id3v2_header_size = 10;

/// The size of the ID3v2 tag with this header, header and all; 0 where it is none.
[[nodiscard]] std::size_t id3v2_size(std::span<const std::uint8_t> header);

/// The values of those text frames of an ID3v2.4 tag (id3.org, "ID3 tag version 2.4.0 - Main Structure" section 4.2)
/// that hold several, of which libavformat reads the first alone; names made common. Nothing for earlier versions,
/// where a frame has one value. Damage ends it early.
[[nodiscard]] std::vector<tasks::Tag> parse_id3v2_lists(std::span<const std::uint8_t> tag);

}  // namespace decant::audio
