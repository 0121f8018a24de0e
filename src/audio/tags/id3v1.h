#pragma once

#include <span>

#include "audio/metadata.h"
#include "base/file.h"

namespace decant::audio {

/// The size of an ID3v1 tag, the last thing in a file.
constexpr ByteCount id3v1_size = 128;

/// ID3v1 and ID3v1.1 (id3.org), with the genres of its appendix and of Winamp. Nothing where the bytes are no such tag.
[[nodiscard]] Metadata parse_id3v1(std::span<const std::uint8_t> tag);

/// The name of a numbered genre; empty when there is none.
[[nodiscard]] std::string_view genre_name(std::size_t number);

}  // namespace decant::audio
