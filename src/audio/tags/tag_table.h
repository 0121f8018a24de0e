#pragma once

#include <span>
#include <string_view>

namespace decant::audio {

/// What one thing is called in each tag format; empty where a format has no own place for it, so that it becomes a
/// custom tag there.
struct TagName {
  std::string_view common;  ///< libavformat's name where it has one, else the name in Vorbis comments
  std::string_view id3v2;   ///< a frame of ID3v2.4; "TXXX:" and "UFID:" with the description or owner
  std::string_view vorbis;
  std::string_view itunes;  ///< a box; "----:" with the name of a freeform one of com.apple.iTunes
  std::string_view ape;
  std::string_view riff;  ///< a chunk of LIST INFO
  std::string_view asf;
};

[[nodiscard]] std::span<const TagName> tag_table();

/// A name that files use beside those of the table.
struct TagSynonym {
  std::string_view name;
  std::string_view common;
};

[[nodiscard]] std::span<const TagSynonym> tag_synonyms();

}  // namespace decant::audio
