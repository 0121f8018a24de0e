#include <algorithm>

#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

// Half a second in which the quietest frame is looked for: with a variable bitrate, the one with the fewest bytes.
constexpr int looked_at = 24;

/// A decoder that comes from the earlier encoder's packets predicts a little otherwise than the later encoder reckons
/// with, until the first frame that predicts nothing; in a quiet frame nobody hears it.
std::optional<Splice> find(PacketRun earlier, PacketRun later, std::size_t from, int run_on) {
  if (run_on < looked_at) return std::nullopt;
  std::optional<Splice> best;
  for (std::size_t i = from; i < earlier.size(); ++i) {
    const auto j = find_same_time(earlier, i, later);
    if (j && (!best || later[*j]->size < later[best->later]->size)) best = Splice{i, *j};
  }
  return best;
}

}  // namespace

const Seam opus_seam{.warm_up = 96, .shortest_chunk = 10, .find = find, .most_channels = 2};

}  // namespace decant::audio
