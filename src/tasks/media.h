#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tasks/options.h"

namespace decant::tasks {

struct Tag {
  std::string name;   ///< as libavformat names it where it has a common name: "title", "artist"
  std::string value;  ///< UTF-8
  /// ISO 639-2, of comments and lyrics where the file tells it.
  std::string language = {};
  /// What this comment, lyrics or URL is for, where the file tells it.
  std::string description = {};

  friend bool operator==(const Tag&, const Tag&) = default;
};

/// A file that claims more is not believed.
inline constexpr std::chrono::years longest_audio{1000};

/// What a probe found in a file.
struct MediaInfo {
  std::string container;              ///< "flac", "mov,mp4,m4a"
  std::string codec;                  ///< "mp3", "pcm_s24le"
  std::string mime_type;              ///< of the file as it is, for downloads of the original
  std::string extension;              ///< that fits the container, no dot
  std::optional<AudioTime> duration;  ///< none where the container does not tell; at most longest_audio
  int sample_rate = 0;                ///< Hz
  int channels = 0;
  int bits_per_sample = 0;   ///< of lossless sources, else 0
  std::int64_t bitrate = 0;  ///< bits per second, 0 where unknown
  std::vector<Tag> tags;
  int pictures = 0;
  int chapters = 0;
};

[[nodiscard]] std::string to_json(const MediaInfo& info);
Result<MediaInfo> parse_media_info_json(std::string_view json);

}  // namespace decant::tasks
