#include "audio/analysis/spectrogram.h"

#include <gtest/gtest.h>

#include "audio/analysis/png.h"
#include "audio/analysis/test_sound.h"

namespace decant::audio {
namespace {

constexpr int width = 100;
constexpr int height = 64;

struct Picture {
  std::vector<std::uint8_t> pixels;
  [[nodiscard]] int at(int x, int y) const { return pixels.at(static_cast<std::size_t>(y * width + x)); }
  [[nodiscard]] double decibels(int x, int y) const { return -120 + at(x, y) * 120.0 / 255; }
  [[nodiscard]] int brightest_row(int x) const {
    int best = 0;
    for (int y = 1; y < height; ++y) best = at(x, y) > at(x, best) ? y : best;
    return best;
  }
};

Picture picture_of(const TestSound& sound) {
  Spectrogram spectrogram({.width = width, .height = height});
  sound.feed(spectrogram);
  return {spectrogram.finish()};
}

TEST(Spectrogram, ShowsASineWhereItIs) {
  // 16 rows of 375 Hz from the bottom, with 3 Hz to spare for no bin's edge.
  const Picture picture = picture_of(TestSound(2).sine(6003, 3, {1}));
  ASSERT_EQ(picture.pixels.size(), static_cast<std::size_t>(width * height));
  for (const int x : {0, 50, 97}) {  // the last window is cut off, which spreads
    EXPECT_EQ(picture.brightest_row(x), height - 1 - 16) << x;
    EXPECT_NEAR(picture.decibels(x, height - 1 - 16), 0, 1.5) << "full scale";
    EXPECT_LT(picture.decibels(x, 2), -90) << "and nothing far from it";
  }
}

TEST(Spectrogram, ShowsWhenThingsHappen) {
  TestSound sound(1);
  sound.silence(2).sine(12010, 2, {0.1});
  const Picture picture = picture_of(sound);
  const int row = picture.brightest_row(90);
  EXPECT_EQ(picture.at(40, row), 0);
  EXPECT_NEAR(picture.decibels(60, row), -20, 1.5);
}

TEST(Spectrogram, ShowsWhatChannelsHaveInOppositePhase) {
  TestSound sound(2);
  sound.sine(6003, 1, {0.5, -0.5});
  EXPECT_NEAR(picture_of(sound).decibels(50, height - 1 - 16), -6, 1.5);
}

TEST(Spectrogram, IsOfOneSizeForAnyLength) {
  for (const double seconds : {0.05, 0.3, 1.0, 60.0}) {
    TestSound sound(1, 8000);
    sound.sine(1001, seconds, {0.5});
    const Picture picture = picture_of(sound);
    ASSERT_EQ(picture.pixels.size(), static_cast<std::size_t>(width * height)) << seconds;
    EXPECT_GT(picture.at(0, picture.brightest_row(0)), 0) << seconds;
    EXPECT_GT(picture.at(99, picture.brightest_row(99)), 0) << seconds;
  }
}

TEST(Spectrogram, LeavesOutWhatAHigherRateHasAbove) {
  Spectrogram spectrogram({.width = width, .height = height});
  TestSound(1, 8000).silence(1).feed(spectrogram);
  TestSound(2, 48000).sine(20000, 1, {0.5}).feed(spectrogram);
  EXPECT_EQ(spectrogram.highest_frequency(), 4000);
  const Picture picture{spectrogram.finish()};
  EXPECT_LT(picture.decibels(90, 0), -60);
}

TEST(Png, HoldsEveryLevel) {
  std::vector<std::uint8_t> levels(512);
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<std::uint8_t>(i / 2);
  const auto png = make_heat_png(levels, 128);
  ASSERT_TRUE(png) << png.error().describe();

  const auto context = av::must<av::CodecContext>(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_PNG)));
  ASSERT_EQ(avcodec_open2(context.get(), nullptr, nullptr), 0);
  const av::Packet packet = av::make_packet();
  ASSERT_EQ(av_new_packet(packet.get(), static_cast<int>(png->size())), 0);
  std::ranges::copy(*png, packet->data);
  const av::Frame frame = av::make_frame();
  ASSERT_EQ(avcodec_send_packet(context.get(), packet.get()), 0);
  avcodec_send_packet(context.get(), nullptr);
  ASSERT_EQ(avcodec_receive_frame(context.get(), frame.get()), 0);
  ASSERT_EQ(frame->format, AV_PIX_FMT_PAL8);
  EXPECT_EQ(frame->width, 128);
  EXPECT_EQ(frame->height, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 128; ++x) {
      ASSERT_EQ(frame->data[0][y * frame->linesize[0] + x], levels[static_cast<std::size_t>(y * 128 + x)]);
    }
  }
}

}  // namespace
}  // namespace decant::audio
