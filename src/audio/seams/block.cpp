#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

/// The encoders' frames know nothing of one another: any frame border is right.
std::optional<Splice> find(PacketRun earlier, PacketRun later, std::size_t from, int) {
  const auto same = find_same_time(earlier, from, later);
  if (!same) return std::nullopt;
  return Splice{from, *same};
}

}  // namespace

// The muxer numbers FLAC's frames.
const Seam flac_seam{.warm_up = 0, .shortest_chunk = 5, .find = find};

}  // namespace decant::audio
