#include <algorithm>
#include <array>
#include <vector>

#include "audio/mp3_frame.h"
#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

constexpr std::size_t agreeing = 8;
// Encoders agree after some 40 frames, seldom 300. After these, what is cut sounds the same and differs in bits.
constexpr int patience = 400;
// With a variable bitrate, reservoirs that differ only matter where the highest bitrate is too low. It is worth waiting
// a while for equal ones, and no longer.
constexpr int variable_patience = 60;
// 511 bytes, the most that a frame can reach back, are in so many of the smallest frames (8 kbit/s, 24 kHz).
constexpr std::size_t reservoir_frames = 48;

using Bytes = std::vector<std::uint8_t>;

/// The bytes of main data in front of a frame's payload, the nearest last; fewer where the run begins.
Bytes bytes_before(PacketRun run, std::size_t index, int wanted) {
  Bytes found;
  for (std::size_t i = index; i-- > 0 && std::cmp_less(found.size(), wanted);) {
    const auto frame = parse_mp3_frame(bytes_of(run[i]));
    if (!frame) break;
    found.insert(found.begin(), frame->payload.begin(), frame->payload.end());
  }
  if (std::cmp_greater(found.size(), wanted)) found.erase(found.begin(), found.end() - wanted);
  return found;
}

/// What a frame says, wherever its main data stands: side info without main_data_begin, and the main data. Empty where
/// it cannot be told.
Bytes content(PacketRun run, std::size_t index) {
  const auto frame = parse_mp3_frame(bytes_of(run[index]));
  if (!frame) return {};
  Bytes data = bytes_before(run, index, frame->main_data_begin);
  if (std::cmp_less(data.size(), frame->main_data_begin)) return {};
  data.insert(data.end(), frame->payload.begin(), frame->payload.end());
  const auto size = static_cast<std::size_t>((frame->main_data_bits + 7) / 8);
  if (size > data.size()) return {};
  data.resize(size);
  if (frame->main_data_bits % 8 != 0) data.back() &= static_cast<std::uint8_t>(0xff00 >> frame->main_data_bits % 8);
  Bytes all(frame->side_info.begin(), frame->side_info.end());
  all[0] = 0;
  if (frame->main_data_begin_bits > 8) all[1] &= 0x7f;
  all.push_back(run[index]->data[3]);  // stereo mode and emphasis
  all.insert(all.end(), data.begin(), data.end());
  return all;
}

bool agree(PacketRun earlier, std::size_t i, PacketRun later, std::size_t j) {
  if (earlier[i]->pts != later[j]->pts) return false;
  const Bytes said = content(earlier, i);
  return !said.empty() && said == content(later, j);
}

int reach_back(const av::Packet& packet) {
  const auto frame = parse_mp3_frame(bytes_of(packet));
  return frame ? frame->main_data_begin : -1;
}

int bitrate_index(const av::Packet& packet) { return packet->data[2] >> 4; }

bool is_constant_bitrate(PacketRun run) {
  return std::ranges::all_of(
      run, [&](const av::Packet& packet) { return bitrate_index(packet) == bitrate_index(run.front()); });
}

/// Bytes that a frame gains with the next bitrate; 0 when it has the highest.
int growth(const av::Packet& packet) {
  std::array<std::uint8_t, 4> header{};
  std::copy_n(packet->data, header.size(), header.begin());
  header[2] = static_cast<std::uint8_t>(header[2] + 0x10);
  const auto grown = parse_mp3_header(header);
  return grown ? grown->frame_size - packet->size : 0;
}

std::optional<Splice> find(PacketRun earlier, PacketRun later, std::size_t from, int run_on) {
  const bool is_patient = run_on < patience;
  const bool is_constant = is_constant_bitrate(earlier);
  std::size_t run = 0;  // frames that agree up to here
  for (std::size_t i = from; i < earlier.size(); ++i) {
    const auto j = find_same_time(earlier, i, later);
    const bool do_agree = j && agree(earlier, i, later, *j);
    run = do_agree ? run + 1 : 0;
    if (!j || (is_patient && run < agreeing)) continue;
    const int room = reach_back(earlier[i]);
    const int wanted = reach_back(later[*j]);
    if (room < 0 || wanted < 0) continue;
    // With a constant bitrate the reservoirs come to be the same; then all that follows is, bit for bit.
    if (room == wanted) return Splice{i, *j};
    if (run_on < (is_constant ? patience : variable_patience)) continue;
    if (room >= wanted || (!is_constant && i > 0 && room + growth(earlier[i - 1]) >= wanted)) return Splice{i, *j};
  }
  return std::nullopt;
}

/// Adds room for main data behind a frame by giving it the next bitrate.
void grow(av::Packet& packet) {
  av::Packet grown = av::make_packet();
  const int size = packet->size + growth(packet);
  if (av_new_packet(grown.get(), size) < 0) throw std::bad_alloc();
  std::copy_n(packet->data, packet->size, grown->data);
  std::fill(grown->data + packet->size, grown->data + size, std::uint8_t{0});
  grown->data[2] = static_cast<std::uint8_t>(grown->data[2] + 0x10);
  if (av_packet_copy_props(grown.get(), packet.get()) < 0) throw std::bad_alloc();
  packet = std::move(grown);
}

/// Puts the main data that the later encoder wrote ahead of its first frame over the end of the earlier one's, where
/// nothing but what came behind the cut stood.
void join(std::span<av::Packet> earlier, std::span<av::Packet> later, Splice splice) {
  const int wanted = reach_back(later[splice.later]);
  const int missing = wanted - reach_back(earlier[splice.earlier]);
  if (missing > 0) grow(earlier[splice.earlier - 1]);
  Bytes data = bytes_before(later, splice.later, wanted);
  for (std::size_t i = splice.earlier; i-- > 0 && !data.empty();) {
    const auto frame = parse_mp3_frame(bytes_of(earlier[i]));
    if (!frame) return;
    const std::size_t size = std::min(frame->payload.size(), data.size());
    if (av_packet_make_writable(earlier[i].get()) < 0) throw std::bad_alloc();
    std::copy(data.end() - static_cast<std::ptrdiff_t>(size), data.end(), earlier[i]->data + earlier[i]->size - size);
    data.resize(data.size() - size);
  }
}

}  // namespace

// The fraction by which frames of 44.1 kHz and its parts are longer than whole bytes comes round after 49 frames.
const Seam mp3_seam{.warm_up = 49,
                    .alignment = 49,
                    .reach = static_cast<int>(reservoir_frames),
                    .shortest_chunk = 12,
                    .find = find,
                    .join = join};

}  // namespace decant::audio
