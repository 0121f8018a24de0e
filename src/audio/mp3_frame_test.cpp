#include "audio/mp3_frame.h"

#include <array>
#include <vector>

namespace decant::audio {
namespace {

/// A frame of MPEG-1, 128 kbit/s, 44.1 kHz, with that side info and nothing behind it.
std::vector<std::uint8_t> frame_with(std::initializer_list<std::uint8_t> side_info) {
  std::vector<std::uint8_t> bytes{0xff, 0xfb, 0x90, 0x00};
  bytes.insert(bytes.end(), side_info);
  bytes.resize(417);
  return bytes;
}

TEST(Mp3Frame, TellsSizesOfAllVersions) {
  using Header = std::array<std::uint8_t, 4>;
  const auto size = [](Header header) { return parse_mp3_header(header).value_or(Mp3Header{}).frame_size; };
  EXPECT_EQ(size({0xff, 0xfb, 0x90, 0x00}), 417);  // 128 kbit/s, 44.1 kHz
  EXPECT_EQ(size({0xff, 0xfb, 0x92, 0x00}), 418);  // padded
  EXPECT_EQ(size({0xff, 0xf3, 0x80, 0x00}), 208);  // MPEG-2: 64 kbit/s, 22.05 kHz
  EXPECT_EQ(size({0xff, 0xe3, 0x18, 0xc4}), 72);   // MPEG-2.5: 8 kbit/s, 8 kHz
  EXPECT_EQ(size({0xff, 0xfb, 0xf0, 0x00}), 0);    // no such bitrate
  EXPECT_EQ(size({0xff, 0xfb, 0x9c, 0x00}), 0);    // no such rate
  EXPECT_EQ(size({0xff, 0xfd, 0x90, 0x00}), 0);    // layer II
}

TEST(Mp3Frame, ReadsHowFarItReachesBackAndHowLongItIs) {
  // main_data_begin 511; then 3 private and 8 scfsi bits; part2_3_length 0x801 in the first granule's first channel.
  const auto bytes = frame_with({0xff, 0x80, 0x08, 0x01});
  const auto frame = parse_mp3_frame(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->main_data_begin, 511);
  EXPECT_EQ(frame->main_data_bits, 0x801);
  EXPECT_EQ(frame->side_info.size(), 32U);
  EXPECT_EQ(frame->payload.size(), 417U - 4 - 32);
}

TEST(Mp3Frame, RefusesWhatIsNoWholeFrame) {
  auto bytes = frame_with({});
  EXPECT_TRUE(parse_mp3_frame(bytes));
  bytes.pop_back();
  EXPECT_FALSE(parse_mp3_frame(bytes));
  EXPECT_FALSE(parse_mp3_frame({}));
  bytes.push_back(0);
  bytes[0] = 0xfe;
  EXPECT_FALSE(parse_mp3_frame(bytes));
}

}  // namespace
}  // namespace decant::audio
