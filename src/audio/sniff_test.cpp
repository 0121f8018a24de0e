#include "audio/sniff.h"

#include "audio/raw_frames.h"
#include "audio/test_file.h"

namespace decant::audio {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

Result<Sniffed> sniff_content(const std::string& content) {
  const Descriptor file = make_test_file(content);
  return sniff(file.get(), static_cast<ByteCount>(content.size()));
}

/// MPEG-1 layer 3, 128 kbit/s, 44.1 kHz, no padding: 417 bytes.
std::string mp3_frames(int count) {
  std::string frames;
  for (int i = 0; i < count; ++i) frames += "\xFF\xFB\x90\x64" + std::string(413, '\0');
  return frames;
}

std::string id3v2(std::size_t size) {
  return "ID3\x03\0\0\0\0"s + static_cast<char>(size >> 7) + static_cast<char>(size & 0x7F) + std::string(size, '\0');
}

struct MagicCase {
  std::string content;
  std::string demuxer;
};

class SniffMagic : public testing::TestWithParam<MagicCase> {};

TEST_P(SniffMagic, NamesTheOneDemuxer) {
  const auto sniffed = sniff_content(GetParam().content + std::string(600, '\x01'));
  ASSERT_TRUE(sniffed) << sniffed.error().describe();
  EXPECT_EQ(sniffed->container->demuxer, GetParam().demuxer);
  EXPECT_EQ(sniffed->begin, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SniffMagic,
                         testing::Values(MagicCase{"RIFF\0\0\0\0WAVEfmt "s, "wav"},
                                         MagicCase{"RF64\xFF\xFF\xFF\xFFWAVE"s, "wav"},
                                         MagicCase{"RIFF\0\0\0\0AVI LIST"s, "avi"},
                                         MagicCase{"FORM\0\0\0\0AIFC"s, "aiff"}, MagicCase{"fLaC\0\0\0\x22"s, "flac"},
                                         MagicCase{"OggS\0\2"s, "ogg"},
                                         MagicCase{"\0\0\0\x20"
                                                   "ftypM4A "s,
                                                   "mov"},
                                         MagicCase{"\x1A\x45\xDF\xA3"s, "matroska"}, MagicCase{"#!AMR-WB\n"s, "amr"},
                                         MagicCase{id3v2(300) + "fLaC\0\0\0\x22"s, "flac"}));

TEST(Sniff, FindsMp3BehindTags) {
  const std::string content = id3v2(500) + id3v2(20) + mp3_frames(6);
  const auto sniffed = sniff_content(content);
  ASSERT_TRUE(sniffed);
  EXPECT_EQ(sniffed->container->demuxer, "mp3"s);
  EXPECT_EQ(sniffed->begin, 0) << "libavformat reads the tag itself";
}

TEST(Sniff, LeavesJunkInFrontAndTagsBehindOut) {
  const std::string junk(1234, '\0');
  const std::string id3v1 = "TAG" + std::string(125, ' ');
  const auto sniffed = sniff_content(junk + mp3_frames(6) + id3v1);
  ASSERT_TRUE(sniffed);
  EXPECT_EQ(sniffed->begin, 1234);
  EXPECT_EQ(sniffed->end, 1234 + 6 * 417);
}

TEST(Sniff, RefusesInWords) {
  const auto message = [](const std::string& content) { return sniff_content(content).error().message; };
  EXPECT_THAT(message(""), HasSubstr("empty"));
  EXPECT_THAT(message("\xEF\xBB\xBF#EXTM3U\nx"), HasSubstr("playlist"));
  EXPECT_THAT(message("  ffconcat version 1.0"), HasSubstr("playlist"));
  EXPECT_THAT(message("The free lunch is no MP4"), HasSubstr("text"));
  EXPECT_THAT(message(std::string(5000, '\0')), HasSubstr("not audio"));
  EXPECT_EQ(sniff_content("v=0\r\n").error().code, ErrorCode::unsupported_media);
}

TEST(Sniff, RefusesATagLongerThanTheFile) {
  const auto sniffed = sniff_content("ID3\x04\0\0\x7F\x7F\x7F\x7F"s + std::string(100, '\0'));
  ASSERT_FALSE(sniffed);
  EXPECT_EQ(sniffed.error().code, ErrorCode::unprocessable);
}

TEST(RawFrames, OneHeaderInNoiseIsNoStream) {
  std::string content(4000, '\x55');
  content.replace(100, 4, "\xFF\xFB\x90\x64");
  const std::vector<std::uint8_t> bytes(content.begin(), content.end());
  EXPECT_EQ(find_raw_stream(bytes, Extent::goes_on).kind, RawStream::none);
}

TEST(RawFrames, TellsAdtsFromMp3) {
  // 44.1 kHz stereo, frames of 200 bytes (ISO 14496-3 table 1.A.6).
  std::string frame("\xFF\xF1\x50\x80\x19\x1F\xFC", 7);
  frame.resize(200);
  std::string content;
  for (int i = 0; i < 5; ++i) content += frame;
  const std::vector<std::uint8_t> bytes(content.begin(), content.end());
  EXPECT_EQ(find_raw_stream(bytes, Extent::ends_file).kind, RawStream::adts);
  EXPECT_EQ(parse_raw_frame(bytes).size, 200U);
}

TEST(Containers, EveryOneHasADemuxerOfItsOwn) {
  for (const Container& container : containers())
    EXPECT_EQ(&get_container(container.demuxer), &container) << container.demuxer;
}

}  // namespace
}  // namespace decant::audio
