#pragma once

#include "audio/metadata.h"

namespace decant::audio {

/// An MP4 user data box (udta) with iTunes metadata (ilst): known tags in their own boxes, custom ones as "----"
/// freeform boxes of com.apple.iTunes, pictures in one covr box, and Nero's chapter list. Empty when there is nothing
/// to say.
[[nodiscard]] std::vector<std::uint8_t> make_itunes_user_data(const Metadata& metadata);

}  // namespace decant::audio
