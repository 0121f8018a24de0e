#pragma once

#include "audio/metadata.h"

namespace decant::audio {

/// An ID3v2.4 tag (id3.org) with all of it: text frames in UTF-8, several values of a name in one frame, TXXX for
/// custom names, APIC, CHAP and CTOC. Empty when there is nothing to say.
[[nodiscard]] std::vector<std::uint8_t> make_id3v2(const Metadata& metadata);

}  // namespace decant::audio
