#pragma once

#include <optional>
#include <span>

#include "audio/av/handles.h"

namespace decant::audio {

/// Packets of one encoder in order. Those of two encoders of one sound stand for the same time where their `pts` agree.
using PacketRun = std::span<const av::Packet>;

/// Where one encoder's packets give way to another's: what stands before these indices is the earlier encoder's, what
/// stands from them on the later's.
struct Splice {
  std::size_t earlier;
  std::size_t later;
};

/// How encoders of one codec that started at different places of a sound are joined into one stream: the later starts
/// some frames ahead of the seam, and the earlier runs on past it until a cut is found that nobody hears.
struct Seam {
  /// Frames that the later encoder starts ahead of the seam.
  int warm_up = 0;
  /// Silent frames that it gets ahead of those.
  int silence = 0;
  /// Frames: encoders start at multiples of it.
  int alignment = 1;
  /// Packets before a cut that join() reads or changes.
  int reach = 0;
  /// Shorter chunks are not worth what a seam costs, in seconds; nor are those of less than four times the warm-up.
  int shortest_chunk = 10;
  /// The first cut at or behind the packet `from` of the earlier run; none yet: the earlier encoder shall run on.
  /// `run_on` is how many packets it has run past the seam.
  std::optional<Splice> (*find)(PacketRun earlier, PacketRun later, std::size_t from, int run_on) = nullptr;
  /// Makes the packets around the cut one stream; they may be changed in place or replaced. Null: nothing is to be
  /// done.
  void (*join)(std::span<av::Packet> earlier, std::span<av::Packet> later, Splice splice) = nullptr;
  /// Whether sounds of that many channels can be joined.
  int most_channels = 64;
  /// Bits a second and channel below which they cannot; what has no bitrate is not held to it.
  std::int64_t least_bitrate = 0;
};

/// The index in `later` of the packet for the same time as `earlier[index]`; none when it has none.
[[nodiscard]] std::optional<std::size_t> find_same_time(PacketRun earlier, std::size_t index, PacketRun later);
[[nodiscard]] inline std::span<const std::uint8_t> bytes_of(const av::Packet& packet) {
  return {packet->data, static_cast<std::size_t>(packet->size)};
}

}  // namespace decant::audio
