#include "audio/parallel/chunks.h"

#include <algorithm>

namespace decant::audio {

namespace {

constexpr std::int64_t longest_chunk = 75;  // seconds; more gains little over what a seam costs
constexpr std::int64_t chunks_a_core = 2;   // so that a core that got the easy parts has more to do
// The foremost encoder may be so many chunks ahead of the slowest, beside one for each thread.
constexpr std::int64_t slack = 2;

std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

ChunkPlan plan_chunks(const Seam& seam, int frame_size, const SampleFormat& format, std::optional<std::int64_t> samples,
                      const SpareCores& cores) {
  const std::int64_t rate = format.sample_rate;
  const std::int64_t unit = std::int64_t{frame_size} * seam.alignment;
  if (cores.chunk) {
    const std::int64_t asked = std::max(cores.chunk->count() * rate, std::int64_t{2} * seam.warm_up * frame_size);
    return {.chunk = round_up(asked, unit), .threads = 1 + cores.most};
  }
  const std::int64_t room = parallel_memory / (format.layout.channels() * av_get_bytes_per_sample(format.format));
  const std::int64_t shortest = round_up(seam.shortest_chunk * rate, unit);
  const std::int64_t threads = std::min(1 + std::int64_t{cores.most}, room / shortest - slack);
  if (threads < 2 || format.layout.channels() > seam.most_channels || (samples && *samples < 2 * shortest))
    return {.chunk = shortest, .threads = 1};
  const std::int64_t longest =
      std::max(shortest, std::min(longest_chunk * rate, room / (threads + slack)) / unit * unit);
  std::int64_t chunk = longest / 2;
  if (samples) {
    const std::int64_t round = chunks_a_core * threads;
    const std::int64_t rounds = (*samples + round * longest - 1) / (round * longest);
    chunk = *samples / (round * rounds);
  }
  return {.chunk = std::clamp(round_up(chunk, unit), shortest, longest), .threads = static_cast<int>(threads)};
}

}  // namespace decant::audio
