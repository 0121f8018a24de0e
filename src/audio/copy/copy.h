#pragma once

#include "audio/formats/format.h"
#include "audio/hearing.h"

namespace decant::audio {

/// Whether the source has the target's codec already, and nothing is asked for that changes the sound.
[[nodiscard]] bool can_copy(const Source& source, const Format& format, const tasks::ConversionOptions& options);

/// A sound as the source and its copy hold it.
struct CopiedSound {
  Hearing heard;
  std::optional<PcmDigest::Value> digest;  ///< of lossless sound
};

/// Writes the source's own packets to `output`, a regular file, in the target's container, and decodes both files: they
/// sound alike to the last bit, and nothing is missing. What both are heard like; nothing where that cannot be had,
/// as the source is damaged, changes midway, or the container cannot tell where its sound begins and ends: then
/// `output` is empty again and the sound has to be encoded. `listener` hears the source. Reads `source` to its end.
Result<std::optional<CopiedSound>> copy_sound(const Source& source, const Format& format, const Metadata& metadata,
                                              int output, const FrameListener& listener);

}  // namespace decant::audio
