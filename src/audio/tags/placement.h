#pragma once

#include "audio/tags/transfer.h"

namespace decant::audio {

/// How a tag of the source stands in the target.
struct Placement {
  std::vector<tasks::Tag> written;  ///< usually one; none where it is dropped or told by another
  Fate::Kind kind = Fate::Kind::kept;
  std::string why = {};
};

/// `source` holds all tags of the source, `written` those that were placed before.
[[nodiscard]] Placement place_tag(const tasks::Tag& tag, const std::vector<tasks::Tag>& source, const Format& target,
                                  const std::vector<tasks::Tag>& written);

}  // namespace decant::audio
