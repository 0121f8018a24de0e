#include "audio/split/part_names.h"

#include <gtest/gtest.h>

namespace decant::audio {
namespace {

TEST(PartNames, CountChapters) {
  EXPECT_EQ(make_part_name(3, 12, "Title", "mp3"), "03 - Title.mp3");
  EXPECT_EQ(make_part_name(3, 120, "Größe 日本", "m4a"), "003 - Größe 日本.m4a");
  EXPECT_EQ(make_part_name(7, 9, "", "ogg"), "07 - Chapter 7.ogg");
}

TEST(PartNames, AreOneHarmlessNameWhateverTheTitle) {
  EXPECT_EQ(make_part_name(1, 2, "../../etc/passwd", "mp3"), "01 - -..-etc-passwd.mp3");
  EXPECT_EQ(make_part_name(1, 2, "..\\..\\x", "mp3"), "01 - -..-x.mp3");
  EXPECT_EQ(make_part_name(1, 2, "AC/DC: \"Who?\" <1|2>*", "mp3"), "01 - AC-DC- -Who-- -1-2--.mp3");
  EXPECT_EQ(make_part_name(1, 2, "...", "mp3"), "01.mp3");
  EXPECT_EQ(make_part_name(1, 2, "a\n\t\x7f\x1b[0mb", "mp3"), "01 - a [0mb.mp3");
  EXPECT_EQ(make_part_name(1, 2, "gpj.\u202E\u2066\u0085\u2028\uFEFFx", "mp3"), "01 - gpj. x.mp3");
  EXPECT_EQ(make_part_name(1, 2, "a\xff\xfe", "mp3"), "01 - a\uFFFD\uFFFD.mp3");
  EXPECT_EQ(make_part_name(1, 2, std::string(5000, 'x'), "mp3").size(), 5 + 150 + 4);
}

TEST(PartNames, AreCutBetweenCharacters) {
  std::string title = "a";
  for (int i = 0; i < 100; ++i) title += "日";
  const std::string name = make_part_name(1, 2, title, "mp3");
  EXPECT_EQ(name, "01 - " + title.substr(0, 1 + 49 * 3) + ".mp3");
}

}  // namespace
}  // namespace decant::audio
