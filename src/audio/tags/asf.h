#pragma once

#include "audio/metadata.h"

namespace decant::audio {

/// An ASF header's objects for metadata (Advanced Systems Format specification 1.20).
struct AsfMetadata {
  std::vector<std::uint8_t> objects;    ///< Content Description and Extended Content Description, or nothing
  int object_count = 0;                 ///< how many
  std::vector<std::uint8_t> extension;  ///< a Metadata Library for the Header Extension, or nothing
};

/// A name's first value goes where players look for it, further ones into attributes of the same name; what is longer
/// than 64 KiB, as pictures are, into the library.
[[nodiscard]] AsfMetadata make_asf_metadata(const Metadata& metadata);

}  // namespace decant::audio
