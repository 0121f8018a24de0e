#pragma once

#include <optional>

#include "audio/metadata.h"
#include "base/file.h"

namespace decant::audio {

/// The tags that may stand behind the audio of MP3, WavPack, Monkey's Audio, Musepack, True Audio and TAK.
struct TrailingTags {
  struct ApeItems {
    ByteCount position = 0;
    ByteCount size = 0;
    std::uint32_t count = 0;  ///< as the tag claims
  };
  ByteCount begin = 0;  ///< where the first of them begins, and so the audio ends
  std::optional<ApeItems> ape;
  std::optional<ByteCount> id3v1;  ///< its position
  bool has_lyrics3 = false;
};

/// Looks for ID3v1, Lyrics3 and APE tags behind one another at the end of the file. Reads their ends alone.
[[nodiscard]] TrailingTags find_trailing_tags(int descriptor, ByteCount size);

/// What they say: APE's tags, and of ID3v1, which cuts its texts at 30 bytes, those that APE has not. Lyrics3
/// is told as unread.
[[nodiscard]] Metadata read_trailing_tags(int descriptor, ByteCount size);

}  // namespace decant::audio
