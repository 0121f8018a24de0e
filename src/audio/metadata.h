#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tasks/media.h"
#include "tasks/options.h"

namespace decant::audio {

/// A cover or another attached picture.
struct Picture {
  std::string mime_type;
  int type = 3;             ///< of ID3v2 APIC and FLAC: 3 is the front cover
  std::string description;  ///< UTF-8
  std::vector<std::uint8_t> data;
};

struct Chapter {
  tasks::AudioTime start{};
  tasks::AudioTime end{};
  std::string title;
};

/// Something that a file tells and that has no form in which it could be carried over.
struct Unread {
  std::string name;
  std::string why;
};

/// What a file tells about its audio. A name may stand several times: each is a value of its own. Names are
/// libavformat's common ones ("title", "album_artist", "track") or, for custom tags, the file's own.
struct Metadata {
  std::vector<tasks::Tag> tags;
  std::vector<Picture> pictures;
  std::vector<Chapter> chapters;
  std::vector<Unread> unread;
};

/// The most values that are read of one block of tags: enough for anybody, and a bound for what a hostile file costs.
constexpr std::size_t most_values_read = 4096;

/// Adds those tags of a less trusted place whose names `metadata` has not yet, and its pictures of other types.
void add_missing(Metadata more, Metadata& metadata);

}  // namespace decant::audio
