#include "base/units.h"

#include <gtest/gtest.h>

namespace decant {
namespace {

using std::chrono::milliseconds;

TEST(Units, BytesAreReadInBothFamilies) {
  EXPECT_EQ(parse_bytes("1536"), 1536);
  EXPECT_EQ(parse_bytes("1GiB"), 1 << 30);
  EXPECT_EQ(parse_bytes("20 MB"), 20'000'000);
  EXPECT_EQ(parse_bytes("0"), 0);
  for (const char* wrong : {"", "GiB", "-1", "1.5GiB", "1gib", "1 GiB ", "99999999TiB", "9223372036854775808"}) {
    EXPECT_EQ(parse_bytes(wrong), std::nullopt) << wrong;
  }
}

TEST(Units, DurationsNeedTheirUnit) {
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("90s"), milliseconds(90'000));
  EXPECT_EQ(parse_duration("7d"), milliseconds(604'800'000));
  EXPECT_EQ(parse_duration("0"), milliseconds(0));
  for (const char* wrong : {"", "30", "-1s", "1.5s", "30sec", "s", "9223372036854775807d"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

TEST(Units, FormattingUsesTheLargestThatFitsEvenly) {
  EXPECT_EQ(format_bytes(1536), "1536");
  EXPECT_EQ(format_bytes(3LL << 30), "3GiB");
  EXPECT_EQ(format_duration(milliseconds(90'000)), "90s");
  EXPECT_EQ(format_duration(milliseconds(3'600'000)), "1h");
  EXPECT_EQ(format_bytes(0), "0");
}

}  // namespace
}  // namespace decant
