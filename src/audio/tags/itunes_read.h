#pragma once

#include <span>

#include "audio/metadata.h"

namespace decant::audio {

/// The tags and pictures of an item list (ilst) of iTunes metadata, without the box's own header, names made common:
/// all values of a name, freeform items by their name. Damage ends it early.
[[nodiscard]] Metadata parse_itunes_items(std::span<const std::uint8_t> items);

}  // namespace decant::audio
