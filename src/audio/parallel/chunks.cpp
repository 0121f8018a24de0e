#include "audio/parallel/chunks.h"

#include <algorithm>

namespace decant::audio {

namespace {

constexpr std::int64_t longest_chunk = 150;  // seconds; more gains little over what a seam costs
// A share takes at least so many times what is done beside it.
constexpr std::int64_t least_share = 4;
// Chunks that the foremost encoder may be ahead of the slowest, beside one for each thread.
constexpr std::int64_t slack = 1;

std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

std::optional<std::int64_t> ChunkPlan::distance(std::optional<std::int64_t> left) const {
  if (!left) return longest;
  const std::int64_t chosen = std::clamp((*left + overlap) / threads, shortest, longest);
  if (*left - chosen < shortest / 2) return std::nullopt;
  return chosen;
}

ChunkPlan plan_chunks(const Seam& seam, int frame_size, const SampleFormat& format, std::optional<std::int64_t> samples,
                      const SpareCores& cores) {
  const std::int64_t rate = format.sample_rate;
  ChunkPlan plan{.overlap = std::int64_t{seam.warm_up + seam.silence} * frame_size,
                 .unit = std::int64_t{frame_size} * seam.alignment};
  if (cores.chunk) {
    const std::int64_t asked = std::max(cores.chunk->count() * rate, std::int64_t{2} * seam.warm_up * frame_size);
    plan.longest = plan.shortest = round_up(asked, plan.unit);
    plan.threads = 1 + cores.most;
    plan.reach = plan.longest * (plan.threads + slack);
    return plan;
  }
  const std::int64_t room = parallel_memory / (format.layout.channels() * av_get_bytes_per_sample(format.format));
  plan.shortest = round_up(std::max(seam.shortest_chunk * rate, least_share * plan.overlap), plan.unit);
  plan.longest = plan.shortest;
  const std::int64_t threads = std::min(1 + std::int64_t{cores.most}, room / plan.shortest - slack);
  if (threads < 2 || format.layout.channels() > seam.most_channels || (samples && *samples < 2 * plan.shortest))
    return plan;
  plan.threads = static_cast<int>(threads);
  const std::int64_t longest = std::min(longest_chunk * rate, room / (threads + slack));
  plan.longest = std::max(plan.shortest, longest / plan.unit * plan.unit);
  plan.reach = plan.longest * (threads + slack);
  return plan;
}

}  // namespace decant::audio
