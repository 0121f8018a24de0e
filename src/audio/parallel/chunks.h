#pragma once

#include <cstdint>
#include <optional>

#include "audio/parallel/seam.h"
#include "audio/resampler.h"
#include "audio/spare_cores.h"
#include "base/file.h"

namespace decant::audio {

/// How a sound is shared out among threads. All but the last in samples.
struct ChunkPlan {
  std::int64_t longest = 0;   ///< that a thread begins ahead of the foremost encoder, as long as much is left
  std::int64_t shortest = 0;  ///< that it begins ahead at the least
  std::int64_t overlap = 0;   ///< what a later encoder does beside its own share
  std::int64_t reach = 0;     ///< from the slowest encoder to the foremost at the most
  std::int64_t unit = 1;      ///< encoders begin at multiples of it
  int threads = 1;            ///< at the most

  /// How far ahead of the foremost encoder a further one begins that helps it with what is left (none: nobody knows
  /// how much): so that all threads finish together. None where so little is left that it would not help.
  [[nodiscard]] std::optional<std::int64_t> distance(std::optional<std::int64_t> left) const;
};

/// Samples that all encoders of one sound together keep, at the most.
constexpr ByteCount parallel_memory = ByteCount{192} << 20;

/// Chooses chunks for `samples` (none: nobody knows) on one core and the spare ones: as long as memory allows, because
/// each seam costs the time of a few seconds of sound. One thread where the sound is too short to share.
[[nodiscard]] ChunkPlan plan_chunks(const Seam& seam, int frame_size, const SampleFormat& format,
                                    std::optional<std::int64_t> samples, const SpareCores& cores);

}  // namespace decant::audio
