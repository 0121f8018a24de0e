#include <algorithm>

#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

// Half a second in which the quietest frame is looked for: with a variable bitrate, the one with the fewest bytes.
constexpr int looked_at = 24;

/// Whether a packet is of CELT alone, which keeps little of the packets before (RFC 6716, 3.1); SILK keeps much.
bool is_celt(const av::Packet& packet) { return packet->size > 0 && packet->data[0] >> 3 >= 16; }

/// A decoder that comes from the earlier encoder's packets predicts a little otherwise than the later encoder reckons
/// with, until the first frame that predicts nothing; in a quiet frame nobody hears it.
std::optional<Splice> find(PacketRun earlier, PacketRun later, std::size_t from, int run_on) {
  if (run_on < looked_at) return std::nullopt;
  std::optional<Splice> best;
  for (std::size_t i = from; i < earlier.size(); ++i) {
    const auto j = find_same_time(earlier, i, later);
    if (!j || !is_celt(earlier[i]) || !is_celt(later[*j])) continue;
    if (!best || later[*j]->size < later[best->later]->size) best = Splice{i, *j};
  }
  return best;
}

}  // namespace

// Below some 32 kbit/s a channel libopus uses SILK.
const Seam opus_seam{.warm_up = 96, .shortest_chunk = 10, .find = find, .most_channels = 2, .least_bitrate = 40'000};

}  // namespace decant::audio
