#pragma once

#include "audio/formats/format.h"

namespace decant::audio {

/// The PCM encoders of a container, by the depth that a source has.
struct PcmEncoders {
  const char* bits8;
  const char* bits16;
  const char* bits24;
  const char* bits32;
  const char* float32;
  const char* float64;
};

/// Keeps the source's depth: never fewer bits than a lossless source has, and 16 for lossy ones.
[[nodiscard]] Encoding choose_pcm_encoding(const PcmEncoders& encoders, const Sound& sound);

}  // namespace decant::audio
