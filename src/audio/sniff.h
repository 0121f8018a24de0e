#pragma once

#include <span>
#include <string_view>

#include "base/file.h"

namespace decant::audio {

/// A kind of file that can be read. The demuxer is the only one that libavformat may use on it.
struct Container {
  const char* demuxer;     ///< libavformat's short name
  std::string_view title;  ///< for people
  std::string_view extension;
  std::string_view mime_type;
};

/// All of them; FormatCatalog::sources and the demuxer allow-list are made from this.
[[nodiscard]] std::span<const Container> containers();
/// By demuxer name; must exist.
[[nodiscard]] const Container& get_container(std::string_view demuxer);

/// What a file is by its content.
struct Sniffed {
  const Container* container = nullptr;
  ByteCount begin = 0;  ///< where the demuxer shall start: junk before the first frame of a raw stream is left out
  ByteCount end = 0;    ///< where it shall stop: tags behind the audio (find_trailing_tags) are left out
};

/// Recognises a file by its first bytes (behind an ID3v2 tag), never by its name. unsupported_media says what it is
/// instead, where that is known: a playlist, text, a picture, an empty file.
Result<Sniffed> sniff(int descriptor, ByteCount size);

}  // namespace decant::audio
