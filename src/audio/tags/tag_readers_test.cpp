#include "audio/tags/asf.h"
#include "audio/tags/asf_ids.h"
#include "audio/tags/asf_read.h"
#include "audio/tags/id3v2.h"
#include "audio/tags/id3v2_frames.h"
#include "audio/tags/id3v2_read.h"
#include "audio/tags/itunes.h"
#include "audio/tags/itunes_read.h"
#include "audio/tags/riff_info.h"
#include "audio/tags/test_tags.h"
#include "base/bytes.h"

namespace decant::audio {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<tasks::Tag> read_tags(std::span<const std::uint8_t> tag) { return parse_id3v2(tag).tags; }

std::string id3v2_frame(const std::string& id, const std::string& body, const std::string& flags = "\0\0"s) {
  return id + "\0\0"s + static_cast<char>(body.size() >> 7) + static_cast<char>(body.size() & 0x7F) + flags + body;
}

std::string id3v2_tag(const std::string& frames, char version = 4, char flags = 0) {
  return "ID3"s + version + '\0' + flags + "\0\0"s + static_cast<char>(frames.size() >> 7) +
         static_cast<char>(frames.size() & 0x7F) + frames;
}

TEST(Id3v2, HaveAllValuesInEveryEncoding) {
  const std::string tag = id3v2_tag(id3v2_frame("TIT2", "\3only one\0"s) + id3v2_frame("TPE1", "\3One\0Two\0"s) +
                                    id3v2_frame("TCOM", "\0\xC9\0b"s) +
                                    id3v2_frame("TCON",
                                                "\1\xFF\xFE"
                                                "1\0"
                                                "7\0\0\0\xFE\xFF\0X"s) +
                                    id3v2_frame("TEXT", "\2\0a\0\0\0b"s) + id3v2_frame("TXXX", "\3Mine\0x\0y"s) +
                                    id3v2_frame("TXXX", "\3Single\0x"s) + std::string(20, '\0'));
  EXPECT_THAT(described(read_tags(as_bytes(tag))),
              ElementsAre("title=only one", "artist=One", "artist=Two", "composer=\xC3\x89", "composer=b", "genre=Rock",
                          "genre=X", "lyricist=a", "lyricist=b", "Mine=x", "Mine=y", "Single=x"));
}

TEST(Id3v2, StandInATagThatTellsItsSize) {
  EXPECT_EQ(id3v2_size(as_bytes("ID3\4\0\0\0\0\2\1"s)), 267U);
  EXPECT_EQ(id3v2_size(as_bytes("ID3\4\0\0\0\0\2\x81"s)), 0U);
  EXPECT_EQ(id3v2_size(as_bytes("ID3\4\0\0\0\0\2"s)), 0U);
  EXPECT_EQ(id3v2_size(as_bytes("TAG\4\0\0\0\0\2\1"s)), 0U);
}

TEST(Id3v2, ReadWhatIsWritten) {
  Metadata metadata;
  metadata.tags = {{"artist", "One"}, {"Custom", "x"}, {"artist", "Two"}, {"Custom", "y"}};
  EXPECT_THAT(described(read_tags(make_id3v2(metadata))),
              ElementsAre("artist=One", "artist=Two", "Custom=x", "Custom=y"));
}

TEST(Id3v2, FollowTheFlags) {
  const std::string extended = "\0\0\0\6\1\0"s;
  EXPECT_EQ(read_tags(as_bytes(id3v2_tag(extended + id3v2_frame("TPE1", "\3a\0b"s), 4, 0x40))).size(), 2U);
  EXPECT_EQ(read_tags(as_bytes(id3v2_tag(id3v2_frame("TPE1", "\x42\0\0\0\4\3a\0b"s, "\0\x41"s)))).size(), 2U);
  EXPECT_THAT(described(read_tags(as_bytes(id3v2_tag(id3v2_frame("TPE1",
                                                                 "\1\xFF\0\xFE"
                                                                 "a\0\0\0b\0"s,
                                                                 "\0\2"s))))),
              ElementsAre("artist=a", "artist=b"));
  EXPECT_THAT(read_tags(as_bytes(id3v2_tag(id3v2_frame("TPE1", "\3a\0b"s, "\0\x08"s)))), IsEmpty()) << "compressed";
  EXPECT_EQ(parse_id3v2(as_bytes(id3v2_tag(id3v2_frame("TPE1", "\3a\0b"s, "\0\x08"s)))).unread.size(), 1U);
}

TEST(Id3v2, DamageEndsThemEarly) {
  const std::string tag = id3v2_tag(id3v2_frame("TPE1", "\3a\0b"s) + id3v2_frame("TCOM", "\3a\0b"s));
  for (std::size_t size = 0; size < tag.size(); ++size)
    EXPECT_LE(read_tags(as_bytes(tag).first(size)).size(), 2U) << size;
  EXPECT_THAT(read_tags(as_bytes("ID3\4\0\0\x7F\x7F\x7F\x7FTPE1\x7F\x7F\x7F\x7F\0\0\3a\0b"s)), IsEmpty());
  EXPECT_THAT(read_tags(as_bytes(id3v2_tag("TPE1\xFF\xFF\xFF\xFF\0\0\3a\0b"s))), IsEmpty());
  std::string values = "\3";
  for (int i = 0; i < 8'000; ++i) values += "v\0"s;
  EXPECT_EQ(read_tags(as_bytes(id3v2_tag(id3v2_frame("TPE1", values)))).size(), most_values_read);
}

TEST(Id3v2, HasLanguagesAndDescriptions) {
  Metadata metadata;
  metadata.tags = {{"comment", "gut", "deu", ""},    {"comment", "good", "eng", "note"}, {"lyrics", "la", "", ""},
                   {"URL", "http://a/", "", "shop"}, {"MUSICBRAINZ_TRACKID", "6a5b"},    {"barcode", "123"}};
  EXPECT_THAT(described(read_tags(make_id3v2(metadata))),
              ElementsAre("comment[deu|]=gut", "comment[eng|note]=good", "lyrics=la", "URL[|shop]=http://a/",
                          "MUSICBRAINZ_TRACKID=6a5b", "barcode=123"));
}

TEST(Id3v2, TellsOldDatesAsOne) {
  const std::string frames = id3v2_frame("TYER",
                                         "\0"
                                         "2001"s) +
                             id3v2_frame("TDAT",
                                         "\0"
                                         "2403"s) +
                             id3v2_frame("TIME",
                                         "\0"
                                         "1830"s);
  EXPECT_THAT(described(read_tags(as_bytes(id3v2_tag(frames, 3)))), ElementsAre("date=2001-03-24T18:30"));
  EXPECT_THAT(described(read_tags(as_bytes(id3v2_tag(frames + id3v2_frame("TDRC",
                                                                          "\0"
                                                                          "1999"s),
                                                     4)))),
              ElementsAre("date=1999"));
}

TEST(Id3v2, TwoTwoHasShortNamesAndSizes) {
  const std::string frames = "TT2\0\0\4\0abcTCO\0\0\5\0(17)COM\0\0\x0B\0engx\0hello"s;
  EXPECT_THAT(described(read_tags(as_bytes(id3v2_tag(frames, 2)))),
              ElementsAre("title=abc", "genre=Rock", "comment[eng|x]=hello"));
}

TEST(Id3v2, GenresInBrackets) {
  const auto read = [](const std::string& value) {
    return described(read_tags(as_bytes(id3v2_tag(id3v2_frame("TCON", "\3" + value), 3))));
  };
  EXPECT_THAT(read("(17)"), ElementsAre("genre=Rock"));
  EXPECT_THAT(read("(17)(9)"), ElementsAre("genre=Rock", "genre=Metal"));
  EXPECT_THAT(read("(4)Eurodisco"), ElementsAre("genre=Eurodisco"));
  EXPECT_THAT(read("((odd)"), ElementsAre("genre=(odd)"));
  EXPECT_THAT(read("(open"), ElementsAre("genre=(open"));
}

TEST(Id3v2, OldGainIsReplayGain) {
  const std::string gain = "track\0\1\xF1\x80\x10\x40\0"s;  // -7.25 dB, peak 0.5
  EXPECT_THAT(described(read_tags(as_bytes(id3v2_tag(id3v2_frame("RVA2", gain))))),
              ElementsAre("REPLAYGAIN_TRACK_GAIN=-7.25 dB", "REPLAYGAIN_TRACK_PEAK=0.500000"));
  EXPECT_THAT(read_tags(as_bytes(id3v2_tag(id3v2_frame("RVA2", "track\0\1\xF1\x80\xFF"s)))), IsEmpty());
}

TEST(Id3v2, LyricsInTimeBecomeText) {
  const std::string lines = "\0eng\2\1\0One\0\0\0\0\0Two\0\0\1\x11\x70"s;
  EXPECT_THAT(described(read_tags(as_bytes(id3v2_tag(id3v2_frame("SYLT", lines))))),
              ElementsAre("SYNCEDLYRICS[eng|]=[00:00.00]One\n[01:10.00]Two"));
}

TEST(Id3v2, TellsWhatItCannotRead) {
  const Metadata read = parse_id3v2(as_bytes(id3v2_tag(id3v2_frame("PRIV", "owner\0data"s))));
  ASSERT_EQ(read.unread.size(), 1U);
  EXPECT_EQ(read.unread[0].name, "PRIV");
}

TEST(Id3v2, TellsWhatOfChaptersIsLost) {
  const std::string chapter = "one\0"s + std::string(16, '\0') + id3v2_frame("TIT2", "\3Chapter") +
                              id3v2_frame("APIC", "\3image/png\0\0\0data"s) + id3v2_frame("WXXX", "\3\0http://a/"s);
  const Metadata read = parse_id3v2(as_bytes(id3v2_tag(id3v2_frame("CHAP", chapter))));
  EXPECT_TRUE(read.pictures.empty());
  ASSERT_EQ(read.unread.size(), 2U);
  EXPECT_EQ(read.unread[0].name, "CHAP:APIC");
  EXPECT_EQ(read.unread[1].name, "CHAP:WXXX");
}

std::span<const std::uint8_t> items_of(const std::vector<std::uint8_t>& user_data) {
  constexpr std::string_view type = "ilst";
  const auto found = std::search(user_data.begin(), user_data.end(), type.begin(), type.end());
  return {found + 4, user_data.end()};
}

TEST(ITunes, ReadsWhatIsWritten) {
  Metadata metadata;
  metadata.tags = {{"artist", "One"}, {"artist", "Two"},     {"track", "3/12"}, {"compilation", "1"},
                   {"bpm", "120"},    {"Mine", "a"},         {"Mine", "b"},     {"MUSICBRAINZ_ALBUMID", "6a"},
                   {"disc", "A"},     {"title-sort", "T, x"}};
  const std::vector<std::uint8_t> box = make_itunes_user_data(metadata);
  EXPECT_THAT(described(parse_itunes_items(items_of(box)).tags),
              ElementsAre("artist=One", "artist=Two", "track=3/12", "compilation=1", "bpm=120", "Mine=a", "Mine=b",
                          "MUSICBRAINZ_ALBUMID=6a", "disc=A", "title-sort=T, x"));
  const auto items = items_of(box);
  for (std::size_t size = 0; size < items.size(); ++size)
    EXPECT_LE(parse_itunes_items(items.first(size)).tags.size(), 9U);
}

/// A header object as libavformat begins one, with the metadata behind it.
std::vector<std::uint8_t> asf_header(const AsfMetadata& made) {
  ByteWriter out;
  out.zeros(30);
  out.text(asf::header_extension);
  out.le64(46 + made.extension.size());
  out.zeros(22);
  out.bytes(made.extension);
  out.bytes(made.objects);
  return out.take();
}

TEST(Asf, ReadsWhatIsWritten) {
  Metadata metadata;
  const std::string lyrics(100'000, 'x');
  metadata.tags = {
      {"artist", "One"}, {"artist", "Two \xF0\x9F\x8E\xB5"}, {"comment", "c"}, {"Mine", "m"}, {"lyrics", lyrics}};
  metadata.pictures = {{"image/png", 4, "back \xC3\xA4", {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}}};
  const std::vector<std::uint8_t> header = asf_header(make_asf_metadata(metadata));
  const Metadata read = parse_asf_header(header);
  EXPECT_THAT(described(read.tags), testing::UnorderedElementsAre("artist=One", "artist=Two \xF0\x9F\x8E\xB5",
                                                                  "comment=c", "Mine=m", "lyrics=" + lyrics));
  ASSERT_EQ(read.pictures.size(), 1U);
  EXPECT_EQ(read.pictures[0].type, 4);
  EXPECT_EQ(read.pictures[0].description, "back \xC3\xA4");
  EXPECT_EQ(read.pictures[0].data, metadata.pictures[0].data);
}

TEST(Asf, DamageEndsItEarly) {
  Metadata metadata;
  metadata.tags = {{"title", "t"}, {"Mine", "a"}, {"Mine", "b"}};
  const std::vector<std::uint8_t> header = asf_header(make_asf_metadata(metadata));
  for (std::size_t size = 0; size < header.size(); ++size)
    EXPECT_LE(parse_asf_header(std::span(header).first(size)).tags.size(), 3U);
}

TEST(RiffInfo, IsReadInItsOwnNamesAndCharsets) {
  EXPECT_THAT(described(parse_riff_info(
                  as_bytes("INFOINAM\5\0\0\0caf\xE9\0\0IART\3\0\0\0\xC3\xA9\0\0ISRC\2\0\0\0CDIGNR\0\0\0\0"s))),
              ElementsAre("title=caf\xC3\xA9", "artist=\xC3\xA9", "source=CD"));
  EXPECT_THAT(parse_riff_info(as_bytes("INFOINAM\xFF\xFF\xFF\xFF"
                                       "abc"s)),
              IsEmpty());
  EXPECT_THAT(parse_riff_info(as_bytes("adtlINAM\3\0\0\0abc\0"s)), IsEmpty());
}

}  // namespace
}  // namespace decant::audio
