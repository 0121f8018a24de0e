#include "audio/steps/mix_matrix.h"

#include <gtest/gtest.h>

namespace decant::audio {
namespace {

av::ChannelLayout layout(const char* name) {
  AVChannelLayout parsed{};
  EXPECT_EQ(av_channel_layout_from_string(&parsed, name), 0) << name;
  return av::ChannelLayout(parsed);
}

std::vector<double> row(const MixMatrix& matrix, int output) {
  std::vector<double> coefficients;
  for (int input = 0; input < matrix.inputs(); ++input) coefficients.push_back(matrix.at(output, input));
  return coefficients;
}

MATCHER_P(AreNear, expected, "") {
  if (arg.size() != expected.size()) return false;
  for (std::size_t i = 0; i < arg.size(); ++i) {
    if (std::abs(arg[i] - expected[i]) > 1e-4) return false;
  }
  return true;
}

using Row = std::vector<double>;

TEST(MixMatrix, MixesSurroundToStereoByBs775AndLowersItByTheSum) {
  // 1 + 0.7071 + 0.7071 = 2.4142
  for (const char* surround : {"5.1", "5.1(side)"}) {
    const auto matrix = MixMatrix::find(layout(surround), layout("stereo"));
    ASSERT_TRUE(matrix);
    EXPECT_THAT(row(*matrix, 0), AreNear(Row{0.4142, 0, 0.2929, 0, 0.2929, 0}));
    EXPECT_THAT(row(*matrix, 1), AreNear(Row{0, 0.4142, 0.2929, 0, 0, 0.2929}));
    EXPECT_NEAR(matrix->attenuation_db(), 7.66, 0.01);
    EXPECT_FALSE(matrix->only_copies());
  }
}

TEST(MixMatrix, MixesSevenChannelsToStereo) {
  // 1 + 3 * 0.7071 = 3.1213
  const auto matrix = MixMatrix::find(layout("7.1"), layout("stereo"));
  ASSERT_TRUE(matrix);
  EXPECT_THAT(row(*matrix, 0), AreNear(Row{0.3204, 0, 0.2265, 0, 0.2265, 0, 0.2265, 0}));
  EXPECT_NEAR(matrix->attenuation_db(), 9.89, 0.01);
}

TEST(MixMatrix, AveragesStereoToMono) {
  const auto matrix = MixMatrix::find(layout("stereo"), layout("mono"));
  ASSERT_TRUE(matrix);
  EXPECT_THAT(row(*matrix, 0), AreNear(Row{0.5, 0.5}));
}

TEST(MixMatrix, MixesSurroundToMonoByBs775) {
  // 0.7071 L + 0.7071 R + C + 0.5 Ls + 0.5 Rs, over their sum
  const auto matrix = MixMatrix::find(layout("5.1"), layout("mono"));
  ASSERT_TRUE(matrix);
  EXPECT_THAT(row(*matrix, 0), AreNear(Row{0.2071, 0.2071, 0.2929, 0, 0.1464, 0.1464}));
}

TEST(MixMatrix, GivesMonoToBothEarsAtEqualLevel) {
  const auto matrix = MixMatrix::find(layout("mono"), layout("stereo"));
  ASSERT_TRUE(matrix);
  EXPECT_THAT(row(*matrix, 0), AreNear(Row{1}));
  EXPECT_THAT(row(*matrix, 1), AreNear(Row{1}));
  EXPECT_EQ(matrix->attenuation_db(), 0);
  EXPECT_TRUE(matrix->only_copies());
}

TEST(MixMatrix, KeepsChannelsInALargerLayout) {
  const auto stereo = MixMatrix::find(layout("stereo"), layout("5.1"));
  ASSERT_TRUE(stereo);
  EXPECT_TRUE(stereo->only_copies());
  EXPECT_EQ(stereo->at(0, 0), 1);
  EXPECT_EQ(stereo->at(1, 1), 1);
  const auto mono = MixMatrix::find(layout("mono"), layout("5.1"));
  ASSERT_TRUE(mono);
  EXPECT_EQ(mono->at(0, 0), 0);
  EXPECT_EQ(mono->at(2, 0), 1);
}

TEST(MixMatrix, KnowsNoMixOfNamelessChannels) {
  EXPECT_FALSE(MixMatrix::find(av::ChannelLayout::of(12), layout("stereo")));
}

}  // namespace
}  // namespace decant::audio
