#pragma once

#include "audio/pcm_stream.h"
#include "audio/plan.h"
#include "audio/progress.h"
#include "audio/spare_cores.h"

namespace decant::audio {

/// How a sound becomes a file.
struct SoundFileJob {
  const Format& format;
  const Plan& plan;
  const Metadata& metadata;              ///< only what the format can hold
  std::optional<double> quality;         ///< as it was asked for
  std::optional<std::int64_t> expected;  ///< samples, a hint
  int descriptor = -1;
  ByteCount begin = 0;  ///< the place in the descriptor's file where this one begins, at its end or behind it
};

/// What was written.
struct SoundFile {
  AVCodecID codec = AV_CODEC_ID_NONE;
  std::int64_t samples = 0;  ///< 0: there was nothing to write, and the file is none
  ByteCount size = 0;
  std::string pcm_md5 = {};  ///< of lossless formats: PcmDigest of what was encoded and, decoded again, found
};

/// Encodes what `pcm` gives, with spare cores where it is worth it, and verifies lossless results.
Result<SoundFile> write_sound(const SoundFileJob& job, PcmStream& pcm, const SpareCores& cores,
                              ProgressMeter& progress);

}  // namespace decant::audio
