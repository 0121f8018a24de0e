#include "audio/tags/ape.h"
#include "audio/tags/charset.h"
#include "audio/tags/id3v1.h"
#include "audio/tags/test_tags.h"
#include "audio/tags/trailing.h"
#include "audio/test_file.h"
#include "base/bytes.h"

namespace decant::audio {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::string le32(std::uint32_t value) {
  ByteWriter out;
  out.le32(value);
  return {out.get().begin(), out.get().end()};
}

std::string ape_item(const std::string& key, const std::string& value, std::uint32_t flags = 0) {
  return le32(static_cast<std::uint32_t>(value.size())) + le32(flags) + key + '\0' + value;
}

std::string ape_frame(std::uint32_t size, std::uint32_t count, std::uint32_t flags) {
  return "APETAGEX" + le32(2000) + le32(size) + le32(count) + le32(flags) + std::string(8, '\0');
}

std::string ape_tag(const std::string& items, std::uint32_t count) {
  const auto size = static_cast<std::uint32_t>(items.size()) + 32;
  return ape_frame(size, count, 0xA0000000) + items + ape_frame(size, count, 0x80000000);
}

std::string id3v1_tag(std::string title, std::string comment, char genre) {
  title.resize(30);
  comment.resize(30);
  return "TAG" + title + "Somebody" + std::string(22, ' ') + std::string(30, '\0') + "1987" + comment + genre;
}

TEST(Charset, BecomesUtf8) {
  EXPECT_EQ(from_latin1("caf\xE9"), "caf\xC3\xA9");
  EXPECT_EQ(from_utf8_or_latin1("caf\xE9"), "caf\xC3\xA9");
  EXPECT_EQ(from_utf8_or_latin1("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(from_utf16(as_bytes("\xFF\xFE"
                                "a\0\x3D\xD8\xB5\xDC"s),
                       ByteOrder::big_endian),
            "a\xF0\x9F\x92\xB5");
  EXPECT_EQ(from_utf16(as_bytes("\0a\x20\xAC"s), ByteOrder::big_endian), "a\xE2\x82\xAC");
  EXPECT_EQ(from_utf16(as_bytes("\xD8\x3D\0a\0"s), ByteOrder::big_endian),
            "\xEF\xBF\xBD"
            "a")
      << "half a pair, half a unit";
}

TEST(Id3v1, HasItsFieldsTrackAndGenre) {
  const std::string tag = id3v1_tag("Caf\xE9", "fine" + std::string(25, '\0') + '\7', 17);
  EXPECT_THAT(
      described(parse_id3v1(as_bytes(tag)).tags),
      ElementsAre("title=Caf\xC3\xA9", "artist=Somebody", "date=1987", "comment=fine", "track=7", "genre=Rock"));
  EXPECT_THAT(parse_id3v1(as_bytes(tag).first(127)).tags, IsEmpty());
}

TEST(Id3v1, KnowsGenresByNumber) {
  EXPECT_EQ(genre_name(0), "Blues");
  EXPECT_EQ(genre_name(79), "Hard Rock");
  EXPECT_EQ(genre_name(80), "Folk");
  EXPECT_EQ(genre_name(125), "Dance Hall");
  EXPECT_EQ(genre_name(255), "");
}

TEST(Ape, HasAllValuesAndCovers) {
  const std::string png = "\x89PNG\r\n\x1A\n";
  const std::string items = ape_item("Artist", "One\0Two"s) + ape_item("Year", "2001") + ape_item("Date", "2002") +
                            ape_item("Cover Art (Back)", "back.png\0"s + png, 2) + ape_item("Secret", "\1\2\3", 2) +
                            ape_item("Album Artist", "All\0"s);
  const Metadata read = parse_ape_items(as_bytes(items), 6);
  EXPECT_THAT(described(read.tags), ElementsAre("artist=One", "artist=Two", "date=2001", "album_artist=All"));
  ASSERT_EQ(read.pictures.size(), 1U);
  EXPECT_EQ(read.pictures[0].type, 4);
  EXPECT_EQ(read.pictures[0].mime_type, "image/png");
  EXPECT_EQ(read.pictures[0].data.size(), png.size());
}

TEST(Ape, DamageEndsItEarly) {
  const std::string items = ape_item("Artist", "One") + ape_item("Title", "Two");
  for (std::size_t size = 0; size < items.size(); ++size) {
    EXPECT_LE(parse_ape_items(as_bytes(items).first(size), 0xFFFFFFFF).tags.size(), 1U) << size;
  }
  EXPECT_EQ(parse_ape_items(as_bytes(items), 1).tags.size(), 1U);
  const std::string huge = le32(0xFFFFFFFF) + le32(0) + "Artist\0One"s;
  EXPECT_THAT(parse_ape_items(as_bytes(huge), 1).tags, IsEmpty());
  EXPECT_THAT(parse_ape_items(as_bytes(ape_item("Cover Art (Front)", "no end of the name", 2)), 1).pictures, IsEmpty());
}

TEST(Ape, NumberOfValuesIsBounded) {
  std::string values;
  for (int i = 0; i < 100'000; ++i) values += "v\0"s;
  EXPECT_EQ(parse_ape_items(as_bytes(ape_item("Artist", values)), 1).tags.size(), most_values_read);
}

TEST(TrailingTags, AreFoundBehindOneAnother) {
  const std::string lyrics = "LYRICSBEGININD0000200000020LYRICS200";
  const std::string content = "audio" + ape_tag(ape_item("Title", "The whole title"), 1) + lyrics.substr(0, 21) +
                              "000021LYRICS200" + id3v1_tag("The whole", "", 0);
  const Descriptor file = make_test_file(content);
  const auto size = static_cast<ByteCount>(content.size());
  EXPECT_EQ(find_trailing_tags(file.get(), size).begin, 5);
  EXPECT_THAT(described(read_trailing_tags(file.get(), size).tags),
              ElementsAre("title=The whole title", "artist=Somebody", "date=1987", "genre=Blues"));
}

TEST(TrailingTags, OfLyrics3AreToldAsUnread) {
  for (const std::string lyrics : {"LYRICSBEGININD0000200000021LYRICS200", "LYRICSBEGIN[00:01]La\r\nLYRICSEND"}) {
    const std::string content = "audio" + lyrics + id3v1_tag("Title", "", 0);
    const Descriptor file = make_test_file(content);
    const auto size = static_cast<ByteCount>(content.size());
    EXPECT_EQ(find_trailing_tags(file.get(), size).begin, 5) << lyrics;
    const Metadata read = read_trailing_tags(file.get(), size);
    ASSERT_EQ(read.unread.size(), 1U) << lyrics;
    EXPECT_EQ(read.unread[0].name, "Lyrics3");
  }
}

TEST(TrailingTags, ThatLieAboutTheirSizeAreNone) {
  for (const std::string& content :
       {"audio" + ape_frame(0xFFFFFFFF, 1, 0), "audio" + ape_frame(31, 1, 0), "audio" + ape_frame(32, 1, 0x80000000),
        "audio999999LYRICS200"s, "audio////-1LYRICS200"s, "APETAGEX"s, "TAG"s, ""s, "LYRICSEND"s,
        "audioLYRICSBEGIN" + std::string(6000, 'x') + "LYRICSEND"}) {
    const Descriptor file = make_test_file(content);
    const auto size = static_cast<ByteCount>(content.size());
    EXPECT_EQ(find_trailing_tags(file.get(), size).begin, size) << content.size();
    EXPECT_THAT(read_trailing_tags(file.get(), size).tags, IsEmpty());
  }
}

}  // namespace
}  // namespace decant::audio
