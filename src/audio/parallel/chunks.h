#pragma once

#include <cstdint>
#include <optional>

#include "audio/parallel/seam.h"
#include "audio/resampler.h"
#include "audio/spare_cores.h"
#include "base/file.h"

namespace decant::audio {

/// How a sound is shared out among threads.
struct ChunkPlan {
  std::int64_t longest = 0;   ///< samples; what a thread begins on, as long as much is left
  std::int64_t shortest = 0;  ///< what it begins on at the least
  std::int64_t unit = 1;      ///< samples: chunks are multiples of it
  int threads = 1;            ///< at the most

  /// Of so many samples that nobody has begun on (none: nobody knows): shorter towards the end, so that all threads
  /// finish together.
  [[nodiscard]] std::int64_t next_chunk(std::optional<std::int64_t> left) const;
};

/// Samples that all encoders of one sound together keep, at the most.
constexpr ByteCount parallel_memory = ByteCount{192} << 20;

/// Chooses chunks for `samples` (none: nobody knows) on one core and the spare ones: as long as memory allows, because
/// each seam costs the time of a few seconds of sound, yet some for each core, so that they finish together. One thread
/// where the sound is too short to share.
[[nodiscard]] ChunkPlan plan_chunks(const Seam& seam, int frame_size, const SampleFormat& format,
                                    std::optional<std::int64_t> samples, const SpareCores& cores);

}  // namespace decant::audio
