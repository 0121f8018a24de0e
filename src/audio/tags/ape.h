#pragma once

#include <span>

#include "audio/metadata.h"

namespace decant::audio {

/// The items of an APEv1 or APEv2 tag (wiki.hydrogenaud.io, "APE Tag Item"), without its header and footer, names made
/// common: texts with all of their values, "Cover Art" items as pictures; other binary items are left out. Of several
/// items with one name the first stands. Damage ends it early, `count` is only an upper bound.
[[nodiscard]] Metadata parse_ape_items(std::span<const std::uint8_t> items, std::uint32_t count);

}  // namespace decant::audio
