#include <algorithm>

#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

/// Packets in a row that have to agree: encoders whose state still differs can agree on one or two by chance.
constexpr std::size_t agreeing = 4;

bool are_same(const av::Packet& a, const av::Packet& b) {
  return a->pts == b->pts && a->duration == b->duration && std::ranges::equal(bytes_of(a), bytes_of(b));
}

std::optional<Splice> find(PacketRun earlier, PacketRun later, std::size_t from, int) {
  for (std::size_t i = from; i + agreeing <= earlier.size(); ++i) {
    const auto j = find_same_time(earlier, i, later);
    if (!j || *j + agreeing > later.size()) continue;
    if (std::ranges::equal(earlier.subspan(i, agreeing), later.subspan(*j, agreeing), are_same)) return Splice{i, *j};
  }
  return std::nullopt;
}

}  // namespace

// libavcodec gives libvorbis frames of 64 samples. Long and short blocks fall into step at the first transient, mostly
// within half a second, if both encoders began at multiples of half a short block (1024 samples at the most).
const Seam vorbis_seam{.warm_up = 1024, .alignment = 16, .shortest_chunk = 10, .find = find};
// A frame overlaps with the one before and depends on nothing else.
const Seam wma_seam{.warm_up = 4, .shortest_chunk = 5, .find = find};
const Seam alac_seam{.warm_up = 1, .shortest_chunk = 5, .find = find};

}  // namespace decant::audio
