#include "audio/mux/mp3_info.h"

#include "base/bytes.h"

namespace decant::audio {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::array<std::uint8_t, 4> mpeg1_stereo_128 = {0xff, 0xfb, 0x90, 0x64};
constexpr std::array<std::uint8_t, 4> mpeg1_stereo_320 = {0xff, 0xfb, 0xe0, 0x64};
constexpr std::array<std::uint8_t, 4> mpeg2_mono_24 = {0xff, 0xf3, 0x38, 0xc4};  // 16 kHz
constexpr std::array<std::uint8_t, 4> mpeg2_mono_32 = {0xff, 0xf3, 0x48, 0xc4};
constexpr std::array<std::uint8_t, 4> mpeg25_mono_16 = {0xff, 0xe3, 0x28, 0xc4};  // 8 kHz

Bytes make_frame(std::array<std::uint8_t, 4> header, std::uint8_t filling = 0x5a) {
  Bytes frame(static_cast<std::size_t>(parse_mp3_header(header)->frame_size), filling);
  std::ranges::copy(header, frame.begin());
  return frame;
}

Mp3InfoFrame make_info(const std::vector<Bytes>& frames) {
  Mp3InfoFrame info(*parse_mp3_header(frames.front()), frames.front());
  for (const Bytes& frame : frames) info.add(*parse_mp3_header(frame), frame);
  return info;
}

/// CRC-16/ARC, bit by bit.
unsigned crc16(std::span<const std::uint8_t> bytes) {
  unsigned crc = 0;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xa001 : crc >> 1;
  }
  return crc;
}

std::uint64_t number(const Bytes& frame, std::size_t at, std::size_t size) {
  return ByteReader(std::span(frame).subspan(at, size)).big_endian(size);
}

TEST(Mp3InfoFrame, TellsWhatStandsBehindIt) {
  const std::vector<Bytes> frames = {make_frame(mpeg1_stereo_128, 1), make_frame(mpeg1_stereo_128, 2),
                                     make_frame(mpeg1_stereo_128, 3)};
  const Mp3InfoFrame info = make_info(frames);
  const Bytes made = info.make({.samples = 2000, .delay = 1105});
  ASSERT_EQ(made.size(), info.size());
  EXPECT_EQ(parse_mp3_header(made)->frame_size, 417);
  const std::size_t tag = 4 + 32;
  EXPECT_EQ(std::string(&made[tag], &made[tag + 4]), "Info");
  EXPECT_EQ(number(made, tag + 8, 4), 3U);
  EXPECT_EQ(number(made, tag + 12, 4), 4 * 417U);
  EXPECT_EQ(std::string(&made[tag + 120], &made[tag + 129]), "LAME3.100");
  EXPECT_EQ(number(made, tag + 141, 3), 576U << 12 | (3 * 1152 - 2000 - 576));
  EXPECT_EQ(number(made, tag + 148, 4), 4 * 417U);
  Bytes sound;
  for (const Bytes& frame : frames) sound.insert(sound.end(), frame.begin(), frame.end());
  EXPECT_EQ(number(made, tag + 152, 2), crc16(sound));
  EXPECT_EQ(number(made, tag + 154, 2), crc16(std::span(made).first(tag + 154)));
}

TEST(Mp3InfoFrame, StandsBehindTheSideInfoOfItsKindOfFrame) {
  const Bytes made =
      make_info({make_frame(mpeg2_mono_24), make_frame(mpeg2_mono_32)}).make({.samples = 100, .delay = 1105});
  const std::size_t tag = 4 + 9;
  EXPECT_EQ(std::string(&made[tag], &made[tag + 4]), "Xing");
  EXPECT_EQ(number(made, tag + 154, 2), crc16(std::span(made).first(tag + 154)));
}

TEST(Mp3InfoFrame, TellsThePaddingOfShortFramesWhole) {
  const std::vector<Bytes> frames(4, make_frame(mpeg2_mono_24));
  EXPECT_EQ(number(make_info(frames).make({.samples = 48, .delay = 1105}), 4 + 9 + 141, 3), 576U << 12 | 1680U);
}

TEST(Mp3InfoFrame, TellsNoDelayThatIsNotKnown) {
  const Bytes made = make_info({make_frame(mpeg1_stereo_128)}).make({.samples = 1152, .delay = 0});
  EXPECT_EQ(std::string(&made[4 + 32], &made[4 + 36]), "Info");
  EXPECT_THAT(std::span(made).subspan(4 + 32 + 120), testing::Each(0));
}

TEST(Mp3InfoFrame, TellsTheQualityAsLameDoes) {
  const Bytes made = make_info({make_frame(mpeg1_stereo_128), make_frame(mpeg1_stereo_320)})
                         .make({.samples = 1000, .delay = 1105, .quality = 2.5});
  EXPECT_EQ(number(made, 4 + 32 + 116, 4), 80U);
  EXPECT_EQ(number(made, 4 + 32 + 146, 2), 480U);
}

TEST(Mp3InfoFrame, TakesAHigherBitrateWhereItsOwnHasNoRoom) {
  const Bytes made = make_info({make_frame(mpeg25_mono_16)}).make({});
  const auto header = parse_mp3_header(made);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kilobits, 24);
  EXPECT_EQ(header->sample_rate, 8000);
  EXPECT_EQ(header->channels, 1);
  EXPECT_EQ(made.size(), 216U);
}

TEST(Mp3InfoFrame, FindsPlacesInALongFileOfAnyBitrate) {
  const Bytes low = make_frame(mpeg1_stereo_128);
  const Bytes high = make_frame(mpeg1_stereo_320);
  std::vector<Bytes> frames(3000, low);
  frames.insert(frames.end(), 2001, high);
  const Mp3InfoFrame info = make_info(frames);
  const Bytes made = info.make({});
  std::vector<double> positions = {static_cast<double>(info.size())};
  for (const Bytes& frame : frames) positions.push_back(positions.back() + static_cast<double>(frame.size()));
  EXPECT_EQ(made[4 + 32 + 16], 0);
  for (std::size_t percent = 1; percent < 100; ++percent) {
    const double there = positions[percent * frames.size() / 100] / positions.back();
    EXPECT_NEAR(made[4 + 32 + 16 + percent], 256 * there - 0.75, 0.76) << percent << " %";
  }
}

}  // namespace
}  // namespace decant::audio
