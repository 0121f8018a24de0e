#include "audio/formats/format.h"
#include "audio/tags/id3v2.h"
#include "audio/tags/itunes.h"
#include "audio/tags/names.h"
#include "audio/tags/test_tags.h"
#include "audio/tags/transfer.h"
#include "audio/tags/vorbis_comment.h"
#include "tasks/picture.h"

namespace decant::audio {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string as_text(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

TEST(TagNames, AreCommonWhateverTheFileCallsThem) {
  for (const char* name : {"TRCK", "TRACKNUMBER", "tracknumber", "WM/TrackNumber", "track"})
    EXPECT_EQ(common_tag_name(name), "track");
  EXPECT_EQ(common_tag_name("musicbrainz album id"), "MUSICBRAINZ_ALBUMID");
  EXPECT_EQ(common_tag_name("DESCRIPTION"), "description");
  EXPECT_EQ(common_tag_name(TagHolder::asf, "Description"), "comment");
  EXPECT_EQ(common_tag_name(TagHolder::riff_info, "IPRD"), "album");
  EXPECT_EQ(common_tag_name("My Own"), "My Own");
  EXPECT_EQ(own_tag_name(TagHolder::vorbis_comment, "album_artist"), "ALBUMARTIST");
  EXPECT_EQ(own_tag_name(TagHolder::id3v2, "My Own"), "");
  EXPECT_EQ(custom_tag_name("barcode"), "BARCODE");
}

TEST(CleanText, MakesValidUtf8OfAnything) {
  EXPECT_EQ(clean_text("caf\xC3\xA9", 100), "caf\xC3\xA9");
  EXPECT_EQ(clean_text("caf\xE9!", 100), "caf\xEF\xBF\xBD!");
  EXPECT_EQ(clean_text("\xED\xA0\x80", 100), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate is no character";
  EXPECT_EQ(clean_text("a\0b"s, 100), "ab");
  EXPECT_EQ(clean_text("caf\xC3\xA9", 4), "caf") << "a character is never cut in two";
}

TEST(VorbisComment, ComesBackAsItWas) {
  Metadata metadata;
  metadata.tags = {{"artist", "One"}, {"artist", "Two"}, {"title", "a=b"}};
  metadata.pictures = {{"image/png", 4, "back", {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}}};
  Metadata read;
  read_vorbis_comment(make_vorbis_comment(metadata, PicturePlace::comments), read);
  ASSERT_EQ(read.tags.size(), 3U);
  EXPECT_EQ(read.tags[1].name, "artist");
  EXPECT_EQ(read.tags[1].value, "Two");
  EXPECT_EQ(read.tags[2].value, "a=b");
  ASSERT_EQ(read.pictures.size(), 1U);
  EXPECT_EQ(read.pictures[0].type, 4);
  EXPECT_EQ(read.pictures[0].description, "back");
  EXPECT_EQ(read.pictures[0].data, metadata.pictures[0].data);
}

TEST(VorbisComment, DamageEndsItEarly) {
  Metadata metadata;
  metadata.tags = {{"artist", "One"}, {"artist", "Two"}};
  std::vector<std::uint8_t> bytes = make_vorbis_comment(metadata, PicturePlace::comments);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Metadata read;
    read_vorbis_comment(std::span(bytes).first(size), read);
    EXPECT_LE(read.tags.size(), 1U);
  }
}

TEST(Id3v2, PutsAllValuesOfANameInOneFrame) {
  Metadata metadata;
  metadata.tags = {{"artist", "One"}, {"Custom", "x"}, {"artist", "Two"}};
  const std::string tag = as_text(make_id3v2(metadata));
  EXPECT_THAT(tag, HasSubstr("TPE1\0\0\0\x08\0\0\x03One\0Two"s));
  EXPECT_THAT(tag, HasSubstr("TXXX\0\0\0\x09\0\0\x03"
                             "Custom\0x"s));
  EXPECT_TRUE(make_id3v2({}).empty());
}

TEST(ITunes, NumbersHaveTheirOwnForm) {
  Metadata metadata;
  metadata.tags = {{"track", "3/12"}, {"disc", "side A"}};
  const std::string box = as_text(make_itunes_user_data(metadata));
  EXPECT_THAT(box, HasSubstr("trkn\0\0\0\x18"
                             "data\0\0\0\0\0\0\0\0\0\0\0\x03\0\x0C\0\0"s));
  EXPECT_THAT(box, HasSubstr("com.apple.iTunes"));
  EXPECT_THAT(box, HasSubstr("side A"));
}

TEST(Pictures, AreMeasured) {
  const std::string png = "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\1\0\0\0\0\x80\x08\2\0\0\0"s;
  const tasks::PictureSize size =
      tasks::measure_picture({reinterpret_cast<const std::uint8_t*>(png.data()), png.size()});
  EXPECT_EQ(size.width, 256U);
  EXPECT_EQ(size.height, 128U);
  EXPECT_EQ(size.depth, 24U);
}

TEST(Transfer, GivesEachThingAFate) {
  Metadata source;
  source.tags = {{"title", "t"}, {"encoder", "old"}, {"REPLAYGAIN_TRACK_GAIN", "+1.00 dB"}};
  source.chapters = {{tasks::AudioTime(0), tasks::AudioTime(1'000'000), "one"},
                     {tasks::AudioTime(1'000'000), tasks::AudioTime(2'000'000), "two"}};
  const Transfer plan =
      plan_transfer(source, *find_format("opus"), {.start = tasks::AudioTime(1'500'000), .end = std::nullopt}, {});
  ASSERT_EQ(plan.tags.size(), 3U);
  EXPECT_EQ(plan.tags[0].kind, Fate::Kind::kept);
  EXPECT_EQ(plan.tags[1].kind, Fate::Kind::dropped);
  EXPECT_EQ(plan.tags[2].kind, Fate::Kind::mapped);
  EXPECT_EQ(plan.metadata.tags[1].value, "-1024");
  ASSERT_EQ(plan.metadata.chapters.size(), 1U);
  EXPECT_EQ(plan.metadata.chapters[0].start.count(), 0);
  EXPECT_EQ(plan.metadata.chapters[0].end.count(), 500'000);
}

TEST(Transfer, ChangesWhatIsAsked) {
  Metadata source;
  source.tags = {{"title", "old"}, {"comment", "a", "deu", ""}, {"comment", "b"}, {"album", "kept"}};
  source.pictures = {{"image/png", 3, "", {1}}};
  source.chapters = {{tasks::AudioTime(0), tasks::AudioTime(1'000'000), "one"}};
  tasks::MetadataOptions asked;
  asked.edits = {{"TITLE", {"new"}}, {"comment", {}}, {"Mine", {"x", "y"}}};
  asked.pictures = tasks::Keep::drop;
  asked.chapters = tasks::Chapters::drop;
  const Transfer plan = plan_transfer(source, *find_format("flac"), {}, asked);
  EXPECT_THAT(described(plan.metadata.tags), testing::ElementsAre("album=kept", "title=new", "Mine=x", "Mine=y"));
  EXPECT_TRUE(plan.metadata.pictures.empty());
  EXPECT_TRUE(plan.metadata.chapters.empty());
  ASSERT_EQ(plan.tags.size(), 7U);
  EXPECT_EQ(plan.tags[0].why, "replaced as asked");
  EXPECT_EQ(plan.tags[1].why, "removed as asked");
  EXPECT_EQ(plan.tags[3].kind, Fate::Kind::kept);
  EXPECT_EQ(plan.tags[4].kind, Fate::Kind::added);
  asked.tags = tasks::Keep::drop;
  EXPECT_THAT(described(plan_transfer(source, *find_format("flac"), {}, asked).metadata.tags),
              testing::ElementsAre("title=new", "Mine=x", "Mine=y"));
}

TEST(Transfer, ReplacesTheFrontCoverAlone) {
  const Picture cover{"image/jpeg", 3, "", {9}};
  Metadata source;
  source.pictures = {{"image/png", 4, "", {1}}, {"image/png", 3, "front", {2}}, {"image/png", 3, "inside", {3}}};
  const Transfer plan = plan_transfer(source, *find_format("mp3"), {}, {}, &cover);
  ASSERT_EQ(plan.metadata.pictures.size(), 3U);
  EXPECT_EQ(plan.metadata.pictures[0].data, cover.data) << "first, for readers that know no types";
  EXPECT_EQ(plan.metadata.pictures[0].description, "");
  EXPECT_EQ(plan.metadata.pictures[1].type, 4);
  ASSERT_EQ(plan.pictures.size(), 4U);
  EXPECT_EQ(plan.pictures[0].kind, Fate::Kind::mapped) << "described, to tell it from the cover";
  EXPECT_EQ(plan.pictures[1].why, "replaced as asked");
  EXPECT_EQ(plan.pictures[2].kind, Fate::Kind::kept);
  EXPECT_EQ(plan.pictures[3].kind, Fate::Kind::added);
}

TEST(Transfer, SaysWhyACoverIsNotAdded) {
  const Picture cover{"image/jpeg", 3, "", {9}};
  Metadata source;
  source.pictures = {{"image/png", 3, "", {1}}};
  Format target = *find_format("flac");
  target.target.holds_pictures = false;
  const Transfer plan = plan_transfer(source, target, {}, {}, &cover);
  EXPECT_TRUE(plan.metadata.pictures.empty());
  ASSERT_EQ(plan.pictures.size(), 2U);
  for (const Fate& fate : plan.pictures) {
    EXPECT_EQ(fate.kind, Fate::Kind::dropped);
    EXPECT_THAT(fate.why, HasSubstr("no pictures"));
  }
}

TEST(Transfer, JoinsAndSplitsTotals) {
  const auto written = [](const std::vector<tasks::Tag>& tags, const char* target) {
    Metadata source;
    source.tags = tags;
    return described(plan_transfer(source, *find_format(target), {}, {}).metadata.tags);
  };
  using testing::ElementsAre;
  EXPECT_THAT(written({{"track", "3/12"}}, "flac"), ElementsAre("track=3", "tracktotal=12"));
  EXPECT_THAT(written({{"track", "3"}, {"tracktotal", "12"}}, "flac"), ElementsAre("track=3", "tracktotal=12"));
  EXPECT_THAT(written({{"track", "3"}, {"tracktotal", "12"}}, "mp3"), ElementsAre("track=3/12"));
  EXPECT_THAT(written({{"disctotal", "2"}, {"disc", "1"}}, "m4a"), ElementsAre("disc=1/2"));
  EXPECT_THAT(written({{"track", "3/12"}, {"tracktotal", "12"}}, "mp3"), ElementsAre("track=3/12"));
  EXPECT_THAT(written({{"tracktotal", "12"}}, "mp3"), ElementsAre("tracktotal=12"));
  EXPECT_THAT(written({{"track", "A1"}, {"tracktotal", "12"}}, "mp3"), ElementsAre("track=A1", "tracktotal=12"));
}

}  // namespace
}  // namespace decant::audio
