#include "audio/seams/seams.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

enum class Window { only_long, other, unknown };

/// The window that a raw_data_block of one or two channels begins with (ISO/IEC 14496-3, 4.4.2: syntactic elements and
/// ics_info). Unknown where two channels have windows of their own.
Window window_of(const av::Packet& packet) {
  if (packet->size < 3) return Window::unknown;
  const std::uint32_t bits =
      std::uint32_t{packet->data[0]} << 16 | std::uint32_t{packet->data[1]} << 8 | packet->data[2];
  const auto field = [bits](int first, int count) { return bits >> (24 - first - count) & ((1U << count) - 1); };
  constexpr std::uint32_t single_channel_element = 0;
  constexpr std::uint32_t channel_pair_element = 1;
  constexpr int after_id_and_tag = 7;
  int ics_info = 0;
  if (field(0, 3) == single_channel_element) {
    ics_info = after_id_and_tag + 8;  // global_gain
  } else if (field(0, 3) == channel_pair_element && field(after_id_and_tag, 1) == 1) {
    ics_info = after_id_and_tag + 1;  // common_window
  } else {
    return Window::unknown;
  }
  return field(ics_info + 1, 2) == 0 ? Window::only_long : Window::other;
}

bool are_long(PacketRun run, std::size_t index) {
  return window_of(run[index]) == Window::only_long && window_of(run[index - 1]) == Window::only_long;
}

/// Halves of windows overlap across the cut, so both encoders must have used the same on either side of it.
std::optional<Splice> find(PacketRun earlier, PacketRun later, std::size_t from, int) {
  for (std::size_t i = std::max<std::size_t>(from, 1); i < earlier.size(); ++i) {
    const auto j = find_same_time(earlier, i, later);
    if (j && *j > 0 && are_long(earlier, i) && are_long(later, *j)) return Splice{i, *j};
  }
  return std::nullopt;
}

}  // namespace

// libavcodec's rate control remembers long what it spent. An encoder that begins amid music takes up to five goes at
// each frame for some twenty seconds, one that heard silence first takes one or two, as at the beginning of most
// sounds.
const Seam aac_seam{.warm_up = 384, .silence = 4, .find = find, .most_channels = 2};

}  // namespace decant::audio
