#pragma once

#include <functional>

#include "audio/decoder.h"
#include "audio/pcm_digest.h"

namespace decant::audio {

/// What a file sounds like when all of it is decoded.
struct Hearing {
  Sound sound;
  std::int64_t samples = 0;
  PcmFingerprint::Value fingerprint;
  std::vector<Loss> losses;
  bool is_steady = true;  ///< rate, channels and sample format stay as they are at the beginning
};

/// Called with each frame and the part of the file that was read, 0 to 1. May be empty.
using FrameListener = std::function<void(AVFrame&, double)>;

/// Decodes all of a source that nothing was read of yet. `bits`: as PackedSamples takes them.
Result<Hearing> hear(const Source& source, int bits, const FrameListener& listener = {});

/// Whether two files sound alike to the last bit.
[[nodiscard]] bool is_same_sound(const Hearing& a, const Hearing& b);

}  // namespace decant::audio
