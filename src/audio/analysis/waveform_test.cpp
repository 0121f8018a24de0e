#include "audio/analysis/waveform.h"

#include <gtest/gtest.h>

#include <cstring>

#include "audio/analysis/test_sound.h"

namespace decant::audio {
namespace {

template <class Number>
Number number_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  Number number{};
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

std::vector<int> peaks_of(const std::vector<std::uint8_t>& dat) {
  std::vector<int> peaks;
  const bool has_8_bits = number_at<std::uint32_t>(dat, 4) == 1;
  for (std::size_t at = 24; at < dat.size(); at += has_8_bits ? 1 : 2) {
    peaks.push_back(has_8_bits ? number_at<std::int8_t>(dat, at) : number_at<std::int16_t>(dat, at));
  }
  return peaks;
}

TEST(Waveform, WritesTheHeaderOfVersion2) {
  Waveform waveform({.samples_per_pixel = 100});
  TestSound(1, 44100).sine(1000, 1, {0.5}).feed(waveform);
  waveform.finish();
  const auto dat = waveform.to_dat();
  EXPECT_EQ(number_at<std::int32_t>(dat, 0), 2) << "version";
  EXPECT_EQ(number_at<std::uint32_t>(dat, 4), 1U) << "flags: 8 bits";
  EXPECT_EQ(number_at<std::int32_t>(dat, 8), 44100) << "sample rate";
  EXPECT_EQ(number_at<std::int32_t>(dat, 12), 100) << "samples per pixel";
  EXPECT_EQ(number_at<std::uint32_t>(dat, 16), 441U) << "length in pixels";
  EXPECT_EQ(number_at<std::int32_t>(dat, 20), 1) << "channels";
  EXPECT_EQ(dat.size(), 24 + 2 * 441U);
}

TEST(Waveform, KeepsTheLowestAndTheHighestOfEachPixel) {
  TestSound sound(1, 8000);
  sound.channels[0] = {0.0F, 0.5F, -0.25F, 0.0F, 1.0F, -1.0F, 0.125F, 0.25F, 0.5F};
  for (const int bits : {8, 16}) {
    Waveform waveform({.samples_per_pixel = 4, .bits = bits});
    sound.feed(waveform);
    waveform.finish();
    const int unit = bits == 8 ? 1 : 256;
    const int highest = bits == 8 ? 127 : 32767;
    EXPECT_THAT(peaks_of(waveform.to_dat()),
                testing::ElementsAre(-32 * unit, 64 * unit, -128 * unit, highest, 64 * unit, 64 * unit))
        << "a last pixel of one sample counts";
  }
}

TEST(Waveform, MixesChannels) {
  TestSound sound(2, 8000);
  sound.channels = {{0.5F, 0.5F}, {-0.5F, 0.25F}};
  Waveform waveform({.samples_per_pixel = 1, .bits = 16});
  sound.feed(waveform);
  EXPECT_THAT(peaks_of(waveform.to_dat()), testing::ElementsAre(0, 0, 12288, 12288));
}

TEST(Waveform, TakesPixelsASecond) {
  Waveform waveform({.pixels_per_second = 20});
  TestSound(1, 44100).silence(2).feed(waveform);
  waveform.finish();
  EXPECT_EQ(waveform.samples_per_pixel(), 2205);
  EXPECT_EQ(waveform.pixels(), 40U);
}

TEST(Waveform, GrowsNoLargerThanItsLimit) {
  Waveform waveform({.samples_per_pixel = 10, .most_pixels = 100});
  TestSound(1, 8000).sine(50, 10, {0.5}).silence(1).feed(waveform);
  waveform.finish();
  EXPECT_LT(waveform.pixels(), 100U);
  EXPECT_EQ(waveform.samples_per_pixel(), 1280);
  EXPECT_EQ(waveform.pixels(), 69U) << "88,000 samples";
  const auto peaks = peaks_of(waveform.to_dat());
  EXPECT_EQ(peaks.front(), -64) << "the lowest of all that became one pixel";
  EXPECT_EQ(peaks.back(), 0);
}

TEST(Waveform, KeepsItsTimeWhenTheRateChanges) {
  Waveform waveform({.samples_per_pixel = 100});
  TestSound(1, 8000).silence(1).feed(waveform);
  TestSound(1, 16000).silence(1).feed(waveform);
  waveform.finish();
  EXPECT_EQ(waveform.pixels(), 160U);
}

}  // namespace
}  // namespace decant::audio
