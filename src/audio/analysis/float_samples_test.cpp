#include "audio/analysis/float_samples.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace decant::audio {
namespace {

template <class Sample>
av::Frame make_frame_of(AVSampleFormat format, int channels, const std::vector<Sample>& packed) {
  av::Frame frame = av::make_frame();
  frame->format = format;
  frame->sample_rate = 44100;
  frame->nb_samples = static_cast<int>(packed.size()) / channels;
  av_channel_layout_default(&frame->ch_layout, channels);
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  const auto count = static_cast<std::size_t>(channels);
  for (std::size_t i = 0; i < packed.size(); ++i) {
    const bool is_planar = av_sample_fmt_is_planar(format) != 0;
    std::uint8_t* plane = frame->extended_data[is_planar ? i % count : 0];
    std::memcpy(plane + (is_planar ? i / count : i) * sizeof(Sample), &packed[i], sizeof(Sample));
  }
  return frame;
}

/// Half of full scale, silence, the lowest value, on two channels of which the second is always silent.
template <class Sample>
void expect_scaled(AVSampleFormat format, Sample half, Sample zero, Sample lowest) {
  for (const AVSampleFormat kind : {format, av_get_planar_sample_fmt(format)}) {
    const av::Frame frame = make_frame_of<Sample>(kind, 2, {half, zero, zero, zero, lowest, zero});
    FloatSamples reader;
    const FloatBlock block = reader.read(*frame);
    ASSERT_EQ(block.samples, 3U) << av_get_sample_fmt_name(kind);
    ASSERT_EQ(block.channels.size(), 2U);
    EXPECT_EQ(block.sample_rate, 44100);
    EXPECT_THAT(std::vector(block.channels[0], block.channels[0] + 3), testing::ElementsAre(0.5F, 0.0F, -1.0F))
        << av_get_sample_fmt_name(kind);
    EXPECT_THAT(std::vector(block.channels[1], block.channels[1] + 3), testing::Each(0.0F));
  }
}

TEST(FloatSamples, ScalesEverySampleFormat) {
  expect_scaled<std::uint8_t>(AV_SAMPLE_FMT_U8, 192, 128, 0);
  expect_scaled<std::int16_t>(AV_SAMPLE_FMT_S16, 16384, 0, std::numeric_limits<std::int16_t>::min());
  expect_scaled<std::int32_t>(AV_SAMPLE_FMT_S32, 1 << 30, 0, std::numeric_limits<std::int32_t>::min());
  expect_scaled<std::int64_t>(AV_SAMPLE_FMT_S64, std::int64_t{1} << 62, 0, std::numeric_limits<std::int64_t>::min());
  expect_scaled<float>(AV_SAMPLE_FMT_FLT, 0.5F, 0, -1);
  expect_scaled<double>(AV_SAMPLE_FMT_DBL, 0.5, 0, -1);
}

TEST(FloatSamples, TakesNothingThatIsNoSound) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
  const av::Frame frame = make_frame_of<float>(AV_SAMPLE_FMT_FLTP, 1, {infinity, -infinity, not_a_number, 1e30F, 2});
  FloatSamples reader;
  const FloatBlock block = reader.read(*frame);
  EXPECT_THAT(std::vector(block.channels[0], block.channels[0] + 5), testing::ElementsAre(0, 0, 0, 0, 2));
}

TEST(FloatSamples, FollowsAChangeOfTheFormat) {
  FloatSamples reader;
  const av::Frame stereo = make_frame_of<std::int16_t>(AV_SAMPLE_FMT_S16, 2, {1, 2, 3, 4});
  const av::Frame mono = make_frame_of<float>(AV_SAMPLE_FMT_FLTP, 1, {0.25F});
  EXPECT_EQ(reader.read(*stereo).channels.size(), 2U);
  const FloatBlock block = reader.read(*mono);
  ASSERT_EQ(block.channels.size(), 1U);
  EXPECT_EQ(block.samples, 1U);
  EXPECT_EQ(block.channels[0][0], 0.25F);
}

}  // namespace
}  // namespace decant::audio
