#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "programs/analysis_files.h"

namespace decant::programs {
namespace {

using testing::ElementsAre;

TEST(AnalysisLines, TellEachMeasure) {
  EXPECT_THAT(
      analysis_lines(R"({"analysis":{"loudness":{"integrated":-14.23,"range":5.1,"truePeak":-0.84,"samplePeak":-1,
                         "dynamicRange":8.4},"silence":{"threshold":-60,"count":1,"total":1.5,
                         "ranges":[{"start":0,"end":1.5}]}}})"),
      ElementsAre("loudness:      -14.2 LUFS, range 5.1 LU", "true peak:     -0.8 dBTP, sample peak -1.0 dBFS",
                  "dynamic range: DR8", "silence:       1 range below -60.0 dBFS, 1.500 s",
                  "               0.000 to 1.500 s"));
}

TEST(AnalysisLines, HaveNoNumberForSilence) {
  EXPECT_THAT(analysis_lines(R"({"analysis":{"loudness":{"integrated":null,"range":0,"truePeak":null}}})"),
              ElementsAre("loudness:      none, range 0.0 LU", "true peak:     none, sample peak none"));
}

TEST(AnalysisLines, TrustNothing) {
  for (const char* report : {"", "[]", "{}", R"({"analysis":7})", R"({"analysis":{"loudness":[],"silence":"x"}})"}) {
    EXPECT_THAT(analysis_lines(report), testing::IsEmpty()) << report;
  }
  EXPECT_EQ(analysis_lines(R"({"analysis":{"silence":{"ranges":[1,{"start":"x"}],"count":[]}}})").size(), 2U);
}

}  // namespace
}  // namespace decant::programs
