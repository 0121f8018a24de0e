#include "audio/mux/flac_frame.h"

#include <array>

#include "audio/encoder.h"
#include "audio/formats/format.h"

namespace decant::audio {
namespace {

/// Frames of silence as the encoder makes them.
std::vector<std::vector<std::uint8_t>> encode_frames(int count) {
  const Format& format = *find_format("flac");
  const SampleFormat samples{AV_SAMPLE_FMT_S16, 44100, av::ChannelLayout::of(1)};
  const Sound sound{.sample_rate = 44100, .layout = samples.layout, .lossless = true};
  auto encoder = Encoder::open(format, format.choose_encoding(sound, {}), samples);
  std::vector<std::vector<std::uint8_t>> made;
  const PacketSink keep = [&](AVPacket& packet) -> Result<void> {
    if (packet.size > 0) made.emplace_back(packet.data, packet.data + packet.size);
    return {};
  };
  const av::Frame silence = av::make_frame();
  silence->format = samples.format;
  silence->nb_samples = encoder->context().frame_size * count;
  av_channel_layout_copy(&silence->ch_layout, &samples.layout.get());
  EXPECT_EQ(av_frame_get_buffer(silence.get(), 0), 0);
  av_samples_set_silence(silence->extended_data, 0, silence->nb_samples, 1, samples.format);
  EXPECT_TRUE(encoder->write(*silence, keep));
  EXPECT_TRUE(encoder->finish(keep));
  return made;
}

TEST(NumberFlacFrame, MakesWhatTheEncoderWouldHaveMade) {
  const auto frames = encode_frames(200);
  ASSERT_EQ(frames.size(), 200U);
  // All are silent: only their numbers, which take one or two bytes, and the checksums differ.
  for (const std::size_t number : {0U, 1U, 127U, 128U, 199U}) {
    const auto numbered = number_flac_frame(frames[150], static_cast<std::int64_t>(number));
    ASSERT_TRUE(numbered);
    EXPECT_EQ(*numbered, frames[number]) << number;
  }
}

TEST(NumberFlacFrame, WritesNumbersOfUpTo36Bits) {
  const auto frame = encode_frames(1).at(0);
  const auto numbered = number_flac_frame(frame, (std::int64_t{1} << 36) - 1);
  ASSERT_TRUE(numbered);
  EXPECT_EQ(numbered->size(), frame.size() + 6);
  constexpr std::array<std::uint8_t, 7> number{0xfe, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf};
  EXPECT_TRUE(std::equal(number.begin(), number.end(), numbered->begin() + 4));
}

TEST(NumberFlacFrame, RefusesWhatIsNoFrame) {
  EXPECT_FALSE(number_flac_frame({}, 0));
  EXPECT_FALSE(number_flac_frame(std::array<std::uint8_t, 6>{0xff, 0xf8, 0xc9, 0x18, 0x00, 0xc2}, 0));
  EXPECT_FALSE(number_flac_frame(std::array<std::uint8_t, 9>{'n', 'o', ' ', 'f', 'r', 'a', 'm', 'e', '!'}, 0));
}

}  // namespace
}  // namespace decant::audio
