#pragma once

#include <span>

#include "audio/metadata.h"

namespace decant::audio {

/// The tags and pictures of an ID3v2.2, 2.3 or 2.4 tag (id3v2_frames.h), names made common: all values of a name, the
/// languages and descriptions of comments and lyrics, lyrics in time as LRC text, RVA2 as ReplayGain. What has no
/// common form is told as unread. Chapters are left out. Damage ends it early.
[[nodiscard]] Metadata parse_id3v2(std::span<const std::uint8_t> tag);

}  // namespace decant::audio
