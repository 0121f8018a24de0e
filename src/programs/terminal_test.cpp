#include "programs/terminal.h"

#include <gtest/gtest.h>

namespace decant::programs {
namespace {

TEST(Printable, LetsNoControlCharacterThrough) {
  EXPECT_EQ(printable("Señor 日本 🎵"), "Señor 日本 🎵");
  EXPECT_EQ(printable("a\x1b[2Jb\nc\td\x7f"), "a?[2Jb?c?d?");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "??31m");
}

TEST(FormatClock, ShowsHoursOnlyWhenThereAreSome) {
  EXPECT_EQ(format_clock(std::chrono::milliseconds(4'400)), "0:04");
  EXPECT_EQ(format_clock(std::chrono::minutes(75)), "1:15:00");
}

}  // namespace
}  // namespace decant::programs
