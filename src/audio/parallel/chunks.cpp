#include "audio/parallel/chunks.h"

#include <algorithm>

namespace decant::audio {

namespace {

constexpr std::int64_t longest_chunk = 75;  // seconds; more gains little over what a seam costs
// Of what is left, each thread has this many chunks to do: the first to finish finds another.
constexpr std::int64_t chunks_a_thread = 2;
// The foremost encoder may be so many chunks ahead of the slowest, beside one for each thread.
constexpr std::int64_t slack = 2;

std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

std::int64_t ChunkPlan::next_chunk(std::optional<std::int64_t> left) const {
  if (!left) return longest;
  return std::clamp(round_up(std::max<std::int64_t>(*left, 0) / (chunks_a_thread * threads), unit), shortest, longest);
}

ChunkPlan plan_chunks(const Seam& seam, int frame_size, const SampleFormat& format, std::optional<std::int64_t> samples,
                      const SpareCores& cores) {
  const std::int64_t rate = format.sample_rate;
  ChunkPlan plan{.unit = std::int64_t{frame_size} * seam.alignment};
  if (cores.chunk) {
    const std::int64_t asked = std::max(cores.chunk->count() * rate, std::int64_t{2} * seam.warm_up * frame_size);
    plan.longest = plan.shortest = round_up(asked, plan.unit);
    plan.threads = 1 + cores.most;
    return plan;
  }
  const std::int64_t room = parallel_memory / (format.layout.channels() * av_get_bytes_per_sample(format.format));
  plan.longest = plan.shortest = round_up(seam.shortest_chunk * rate, plan.unit);
  const std::int64_t threads = std::min(1 + std::int64_t{cores.most}, room / plan.shortest - slack);
  if (threads < 2 || format.layout.channels() > seam.most_channels || (samples && *samples < 2 * plan.shortest))
    return plan;
  plan.threads = static_cast<int>(threads);
  const std::int64_t longest = std::min(longest_chunk * rate, room / (threads + slack));
  plan.longest = std::max(plan.shortest, longest / plan.unit * plan.unit);
  return plan;
}

}  // namespace decant::audio
