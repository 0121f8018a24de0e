#include "audio/measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audio/test_file.h"

namespace decant::audio {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

constexpr int sample_rate = 8000;

/// Ten seconds of a square wave: mono, 16 bits.
Descriptor make_wav() {
  constexpr std::uint32_t samples = 10 * sample_rate;
  std::string wav("RIFF\x24\x71\2\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\x71\2\0", 44);
  for (std::uint32_t i = 0; i < samples; ++i) wav += i % 16 < 8 ? std::string("\0\x10", 2) : std::string("\0\xf0", 2);
  return make_test_file(wav);
}

class Measuring : public ::testing::Test {
 protected:
  void measure_for(const tasks::ConversionOptions& options) {
    const Plan plan{.samples = {.format = AV_SAMPLE_FMT_S16, .sample_rate = sample_rate, .layout = mono_},
                    .encoding = {},
                    .is_lossless = true,
                    .notes = {}};
    const auto measured = measure(wav_.get(), options, plan, meter_);
    ASSERT_TRUE(measured) << measured.error().message;
  }

  Descriptor wav_ = make_wav();
  av::ChannelLayout mono_ = av::ChannelLayout::of(1);
  std::vector<double> told_;
  Progress listener_ = [this](double part) { told_.push_back(part); };
  ProgressMeter meter_{listener_, 0ms};
};

TEST_F(Measuring, IsAShareOfTheWork) {
  measure_for({.trim_silence = -60});
  ASSERT_THAT(told_, SizeIs(Gt(1U)));
  EXPECT_TRUE(std::ranges::is_sorted(told_));
  const double share = told_.back();
  EXPECT_LT(share, 0.5);
  told_.clear();
  for (const double part : {0.5, 1.0}) meter_.tell(part);
  ASSERT_THAT(told_, SizeIs(2));
  EXPECT_GT(told_[0], share);
  EXPECT_EQ(told_[1], 1);
}

TEST_F(Measuring, TakesNoShareWhereNothingIsMeasured) {
  measure_for({.gain = 3});
  EXPECT_THAT(told_, IsEmpty());
  meter_.tell(0.25);
  EXPECT_EQ(told_, std::vector{0.25});
}

TEST_F(Measuring, ProgressNeitherGoesBackNorBeyondTheEnd) {
  for (const double part : {0.5, 0.25, 0.75, 1.5, 2.0}) meter_.tell(part);
  EXPECT_EQ(told_, (std::vector{0.5, 0.75, 1.0}));
}

}  // namespace
}  // namespace decant::audio
