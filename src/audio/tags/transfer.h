#pragma once

#include "audio/formats/format.h"
#include "audio/metadata.h"

namespace decant::audio {

/// What became of one tag, picture or chapter.
struct Fate {
  enum class Kind { kept, mapped, dropped, added };
  std::string name;
  Kind kind = Kind::kept;
  std::string why;  ///< for mapped and dropped, and for added where it is mapped
};

struct Transfer {
  Metadata metadata;  ///< what shall be written
  /// Of each tag of the source, in its order, then of what was unread, then of what was asked for in addition.
  std::vector<Fate> tags;
  std::vector<Fate> pictures;  ///< of the source's, in their order, then of the cover
  std::vector<Fate> chapters;
};

/// The part of the source that is converted, and how.
struct Cut {
  tasks::AudioTime start{};
  std::optional<tasks::AudioTime> end;
  bool has_other_level = false;  ///< what tags tell of the source's loudness does not hold for it
};

/// Decides for each tag, picture and chapter of the source, and for each tag that is asked for, whether and how the
/// target holds it. `cover` takes the place of the source's front cover; null: none is given.
[[nodiscard]] Transfer plan_transfer(const Metadata& source, const Format& target, const Cut& cut,
                                     const tasks::MetadataOptions& asked, const Picture* cover = nullptr);

}  // namespace decant::audio
