#include "audio/encoder.h"
#include "audio/engine.h"
#include "audio/formats/format.h"

namespace decant::audio {
namespace {

TEST(Formats, AreFoundByNameExtensionAndAlias) {
  EXPECT_EQ(catalog().find_target("MP3")->name, "mp3");
  EXPECT_EQ(catalog().find_target(".m4a")->name, "m4a") << "not alac, which shares the extension";
  EXPECT_EQ(catalog().find_target("aif")->name, "aiff");
  EXPECT_EQ(find_format("alac")->target.extension, "m4a");
  EXPECT_EQ(find_format("xyz"), nullptr);
}

TEST(Formats, SurviveTheirWayAsJson) {
  const auto parsed = tasks::parse_catalog_json(tasks::to_json(catalog()));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->targets.size(), formats().size());
}

class EveryFormat : public testing::TestWithParam<const Format*> {};

TEST_P(EveryFormat, OpensItsEncoderWithDefaults) {
  const Format& format = *GetParam();
  for (const int rate : {8000, 22050, 44100, 48000, 96000}) {
    for (const int channels : {1, 2, 6}) {
      Sound sound{.sample_rate = nearest_rate(format.target, rate),
                  .layout = av::ChannelLayout::of(channels),
                  .sample_format = AV_SAMPLE_FMT_S16,
                  .bits = 16,
                  .lossless = true};
      Encoding encoding = format.choose_encoding(sound, {});
      const AVCodec* codec = avcodec_find_encoder_by_name(encoding.encoder);
      ASSERT_NE(codec, nullptr);
      sound.layout = nearest_layout(*codec, format.target, sound.layout);
      encoding = format.choose_encoding(sound, {});
      const auto encoder = Encoder::open(format, encoding, {encoding.sample_format, sound.sample_rate, sound.layout});
      EXPECT_TRUE(encoder) << rate << " Hz, " << channels << " channels: " << encoder.error().describe();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryFormat, testing::ValuesIn(formats().begin(), formats().end()),
                         [](const auto& test) { return test.param->target.name; });

TEST(NearestRate, LosesNothingWhereItCan) {
  const tasks::TargetFormat& opus = find_format("opus")->target;
  EXPECT_EQ(nearest_rate(opus, 44100), 48000);
  EXPECT_EQ(nearest_rate(opus, 11025), 12000);
  const tasks::TargetFormat& mp3 = find_format("mp3")->target;
  EXPECT_EQ(nearest_rate(mp3, 96000), 48000);
  EXPECT_EQ(nearest_rate(mp3, 88200), 44100);
  EXPECT_EQ(nearest_rate(mp3, 4000), 8000);
}

}  // namespace
}  // namespace decant::audio
