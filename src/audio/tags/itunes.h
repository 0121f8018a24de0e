#pragma once

#include <optional>

#include "audio/metadata.h"

namespace decant::audio {

/// An MP4 user data box (udta) with iTunes metadata (ilst): known tags in their own boxes, custom ones as "----"
/// freeform boxes of com.apple.iTunes, pictures in one covr box, and Nero's chapter list. Empty when there is nothing
/// to say.
[[nodiscard]] std::vector<std::uint8_t> make_itunes_user_data(const Metadata& metadata);

/// Whether iTunes metadata keep a number, and not a text, of this.
[[nodiscard]] bool is_itunes_number(std::string_view common_name);
/// What the number's box will tell for this value: "3/12", "1". Nothing where the value is no such number; it then
/// becomes a freeform tag.
[[nodiscard]] std::optional<std::string> as_itunes_number(std::string_view common_name, std::string_view value);

}  // namespace decant::audio
