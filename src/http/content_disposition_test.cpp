#include "http/content_disposition.h"

#include <gtest/gtest.h>

namespace decant::http {
namespace {

std::string attachment(std::string_view name) { return make_content_disposition(Disposition::attachment, name); }

TEST(ContentDisposition, SaysAPlainNameOnce) {
  EXPECT_EQ(attachment("My song (1).mp3"), "attachment; filename=\"My song (1).mp3\"");
  EXPECT_EQ(make_content_disposition(Disposition::inline_view, "a.mp3"), "inline; filename=\"a.mp3\"");
}

TEST(ContentDisposition, EncodesWhatIsNotPlain) {
  EXPECT_EQ(attachment("日本.mp3"), "attachment; filename=\"__.mp3\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.mp3");
  EXPECT_EQ(attachment("🎵.ogg"), "attachment; filename=\"_.ogg\"; filename*=UTF-8''%F0%9F%8E%B5.ogg");
  EXPECT_EQ(attachment("a\"b%41.mp3"), "attachment; filename=\"a_b_41.mp3\"; filename*=UTF-8''a%22b%2541.mp3");
}

TEST(ContentDisposition, TakesTheHarmOutOfNames) {
  EXPECT_EQ(attachment("../../etc/passwd"), "attachment; filename=\"_._.._etc_passwd\"");
  EXPECT_EQ(attachment("a\\b"), "attachment; filename=\"a_b\"");
  EXPECT_EQ(attachment("-rf.mp3"), "attachment; filename=\"_rf.mp3\"");
  EXPECT_EQ(attachment("a\r\nSet-Cookie: b"), "attachment; filename=\"a__Set-Cookie: b\"");
  EXPECT_EQ(attachment(std::string_view("a\0b", 3)), "attachment; filename=\"a_b\"");
  EXPECT_EQ(attachment("photo\u202egpj.exe"), "attachment; filename=\"photogpj.exe\"");
  EXPECT_EQ(attachment("\xff\xfe.mp3"), "attachment; filename=\"__.mp3\"");
  EXPECT_EQ(attachment(""), "attachment; filename=\"_\"");
  EXPECT_EQ(attachment("\u202e.htaccess"), "attachment; filename=\"_htaccess\"");
}

TEST(ContentDisposition, CutsLongNamesBeforeTheExtensionAndBetweenCharacters) {
  const std::string ascii = attachment(std::string(4096, 'a') + ".flac");
  EXPECT_EQ(ascii, "attachment; filename=\"" + std::string(195, 'a') + ".flac\"");
  std::string name;
  for (int i = 0; i < 300; ++i) name += "é";
  const std::string encoded = attachment(name + ".mp3");
  EXPECT_EQ(
      encoded, "attachment; filename=\"" + std::string(98, '_') + ".mp3\"; filename*=UTF-8''" + [] {
        std::string text;
        for (int i = 0; i < 98; ++i) text += "%C3%A9";
        return text;
      }() + ".mp3");
}

}  // namespace
}  // namespace decant::http
