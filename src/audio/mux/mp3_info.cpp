#include "audio/mux/mp3_info.h"

#include <algorithm>
#include <limits>

#include "audio/av/libav.h"

namespace decant::audio {

namespace {

// Players trust delay and padding only of names that they know. LAME is our encoder, and this its last version.
constexpr std::string_view encoder = "LAME3.100";
constexpr std::size_t xing_size = 120;
constexpr std::uint32_t has_frames_bytes_table_and_quality = 15;
constexpr std::size_t lame_extension_size = 36;
constexpr int decoder_delay = 529;
constexpr int most_delay_or_padding = 0xfff;
// At least half of them are in use in a long file, each for less of it than an entry's unit, 1/256.
constexpr std::size_t most_points = 1024;
static_assert(most_points % 2 == 0, "the frame that finds the table full is noted with twice the step too");

/// CRC-16/ARC: polynomial 0x8005, reflected, from 0.
std::uint16_t crc16(std::uint16_t crc, std::span<const std::uint8_t> bytes) {
  return static_cast<std::uint16_t>(av_crc(av_crc_get_table(AV_CRC_16_ANSI_LE), crc, bytes.data(), bytes.size()));
}

/// For fields in which 0 stands for unknown.
std::uint32_t fitting(std::int64_t value) {
  return value <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(value) : 0;
}

/// LAME's presets and quality indicator leave the fraction out.
std::uint32_t whole_quality(double quality) { return static_cast<std::uint32_t>(quality); }

}  // namespace

void Mp3InfoFrame::SeekPoints::add(ByteCount position) {
  if (frames_++ % step_ != 0) return;
  if (points_.size() == most_points) {
    for (std::size_t i = 0; i < most_points / 2; ++i) points_[i] = points_[2 * i];
    points_.resize(most_points / 2);
    step_ *= 2;
  }
  points_.push_back(position);
}

Mp3InfoFrame::Mp3InfoFrame(const Mp3Header& first, std::span<const std::uint8_t> bytes)
    : first_(first), lowest_kilobits_(first.kilobits), highest_kilobits_(first.kilobits) {
  // No checksum, no padding byte, no stereo mode extension.
  header_ = {0xff, static_cast<std::uint8_t>(bytes[1] | 0x01), 0, static_cast<std::uint8_t>(bytes[3] & 0xcf)};
  const auto needed = 4 + static_cast<std::size_t>(first.side_size) + xing_size + lame_extension_size;
  for (int bitrate = bytes[2] >> 4; size_ < needed; ++bitrate) {
    header_[2] = static_cast<std::uint8_t>(bitrate << 4 | (bytes[2] & 0x0d));
    size_ = static_cast<std::size_t>(parse_mp3_header(header_).value().frame_size);
  }
  bytes_ = static_cast<ByteCount>(size_);
}

void Mp3InfoFrame::add(const Mp3Header& header, std::span<const std::uint8_t> frame) {
  seek_points_.add(bytes_);
  lowest_kilobits_ = std::min(lowest_kilobits_, header.kilobits);
  highest_kilobits_ = std::max(highest_kilobits_, header.kilobits);
  ++frames_;
  bytes_ += static_cast<ByteCount>(frame.size());
  sound_crc_ = crc16(sound_crc_, frame);
}

std::array<std::uint8_t, 100> Mp3InfoFrame::table_of_contents() const {
  std::array<std::uint8_t, 100> table{};
  // The first entry is the file's beginning, and so this frame.
  for (std::size_t percent = 1; percent < table.size(); ++percent) {
    const ByteCount position = seek_points_.before(static_cast<std::int64_t>(percent) * frames_ / 100);
    table[percent] = static_cast<std::uint8_t>(position * 256 / bytes_);
  }
  return table;
}

std::optional<Mp3InfoFrame::Gaps> Mp3InfoFrame::gaps(const Mp3Sound& sound) const {
  const std::int64_t delay = sound.delay - decoder_delay;
  const std::int64_t padding = frames_ * first_.samples - sound.samples - delay;
  if (delay < 0 || delay > most_delay_or_padding || padding < 0 || padding > most_delay_or_padding) return std::nullopt;
  return Gaps{delay, padding};
}

std::uint8_t Mp3InfoFrame::stereo_and_rate() const {
  const int mode = header_[3] >> 6;  // stereo, joint stereo, two channels, mono
  constexpr std::array<int, 4> lame_modes = {1, 3, 2, 0};
  const int rate = first_.sample_rate <= 32000 ? 0 : first_.sample_rate == 44100 ? 1 : 2;
  return static_cast<std::uint8_t>(rate << 6 | lame_modes[static_cast<std::size_t>(mode)] << 2);
}

std::vector<std::uint8_t> Mp3InfoFrame::make(const Mp3Sound& sound) const {
  ByteWriter out;
  out.bytes(header_);
  out.zeros(static_cast<std::size_t>(first_.side_size));
  out.text(is_constant() ? "Info" : "Xing");
  out.be32(has_frames_bytes_table_and_quality);
  out.be32(fitting(frames_));
  out.be32(fitting(bytes_));
  out.bytes(table_of_contents());
  // LAME tells 57 for a constant bitrate, whatever that is.
  out.be32(sound.quality ? 100 - 10 * whole_quality(*sound.quality) : is_constant() ? 57 : 0);
  if (const auto known = gaps(sound)) write_lame_extension(out, sound, *known);
  out.zeros(size_ - out.size());
  return out.take();
}

void Mp3InfoFrame::write_lame_extension(ByteWriter& out, const Mp3Sound& sound, Gaps gaps) const {
  constexpr int constant = 1;
  constexpr int variable = 4;  // by LAME's newer method
  out.text(encoder);
  out.u8(sound.quality ? variable : is_constant() ? constant : 0);
  constexpr std::size_t lowpass_and_replay_gain = 9;  // not known, and better told by ID3 tags
  out.zeros(lowpass_and_replay_gain);
  constexpr std::size_t psychoacoustics = 1;  // not known
  out.zeros(psychoacoustics);
  out.u8(static_cast<std::uint8_t>(std::min(lowest_kilobits_, 255)));
  out.be24(static_cast<std::uint32_t>(gaps.delay << 12 | gaps.padding));
  out.u8(stereo_and_rate());
  out.u8(0);  // no gain was changed afterwards
  const std::uint32_t preset = sound.quality   ? 500 - 10 * whole_quality(*sound.quality)
                               : is_constant() ? static_cast<std::uint32_t>(lowest_kilobits_)
                                               : 0;
  out.be16(static_cast<std::uint16_t>(preset));
  out.be32(fitting(bytes_));
  out.be16(sound_crc_);
  out.be16(crc16(0, out.get()));
}

}  // namespace decant::audio
