#include "tasks/display_name.h"

#include <gtest/gtest.h>

namespace decant::tasks {
namespace {

using namespace std::string_view_literals;

TEST(DisplayName, KeepsWhatPeopleNameTheirFiles) {
  for (const std::string_view name :
       {"日本.mp3"sv, "SONG.MP3"sv, "a.mp3.mp3"sv, "Für Elise (live) \"1\".flac"sv, "😀👩‍👩‍👧.wav"sv,
        "-rf.mp3"sv, "שלום.ogg"sv, "../../etc/passwd"sv, "C:\\a.wav"sv}) {
    EXPECT_EQ(make_display_name(name), name);
  }
}

TEST(DisplayName, DropsWhatBreaksLinesAndTurnsText) {
  EXPECT_EQ(make_display_name("a\0b\r\nc\x1b[31m\x7f.mp3"sv), "abc[31m.mp3");
  EXPECT_EQ(make_display_name("gpj\u202E3pm.exe\u2066\u200F"), "gpj3pm.exe");
  EXPECT_EQ(make_display_name("\uFEFFa\u2028b\u0085.wav"), "ab.wav");
  EXPECT_EQ(make_display_name("  a.wav  "), "a.wav");
  EXPECT_EQ(make_display_name("\n\0 "sv), "");
}

TEST(DisplayName, MarksInvalidUtf8) {
  EXPECT_EQ(make_display_name("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(make_display_name("\xC0\xAF"), "\uFFFD\uFFFD") << "overlong slash";
  EXPECT_EQ(make_display_name("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
  EXPECT_EQ(make_display_name("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "past U+10FFFF";
  EXPECT_EQ(make_display_name("a\xE6\x97"), "a\uFFFD\uFFFD") << "broken off";
}

TEST(DisplayName, IsCutByCodePointsNeverInsideOne) {
  std::string raw;
  for (int i = 0; i < 4096; ++i) raw += "日";
  EXPECT_EQ(make_display_name(raw).size(), 255U * 3);
  EXPECT_EQ(make_display_name(std::string(4096, 'x')), std::string(255, 'x'));
}

TEST(ToUtf8, ReplacesInvalidBytesOnly) {
  EXPECT_EQ(to_utf8("日本/a\n\x1b.wav "), "日本/a\n\x1b.wav ");
  EXPECT_EQ(to_utf8("caf\xe9.wav\xc3"), "caf\xEF\xBF\xBD.wav\xEF\xBF\xBD");
}

TEST(WithExtension, ReplacesTheLastOneOnly) {
  EXPECT_EQ(with_extension("a.mp3.mp3", "wav"), "a.mp3.wav");
  EXPECT_EQ(with_extension("SONG.MP3", "mp3"), "SONG.mp3");
  EXPECT_EQ(with_extension("日本.mp3", "ogg"), "日本.ogg");
  EXPECT_EQ(with_extension("Symphony No. 5", "wav"), "Symphony No. 5.wav");
  EXPECT_EQ(with_extension("take 1.2", "wav"), "take 1.2.wav");
  EXPECT_EQ(with_extension(".mp3", "wav"), ".mp3.wav");
  EXPECT_EQ(with_extension("..", "wav"), "...wav");
  EXPECT_EQ(with_extension("", "wav"), ".wav");
}

TEST(WithSomeExtension, KeepsTheOneThatIsThere) {
  EXPECT_EQ(with_some_extension("SONG.MP3", "mp3"), "SONG.MP3");
  EXPECT_EQ(with_some_extension("song", "mp3"), "song.mp3");
}

}  // namespace
}  // namespace decant::tasks
