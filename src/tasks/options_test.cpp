#include "tasks/options.h"

#include <gtest/gtest.h>

namespace decant::tasks {
namespace {

TargetFormat make_mp3() {
  TargetFormat format;
  format.name = "mp3";
  format.title = "MP3";
  format.extension = "mp3";
  format.aliases = {"mpeg"};
  format.mime_type = "audio/mpeg";
  format.bitrate = Range<int>{8000, 320000};
  format.quality = Range<double>{0, 9};
  format.quality_help = "0 is best";
  format.sample_rates = {44100, 48000};
  format.bit_depths = {BitDepth::int16, BitDepth::float32};
  return format;
}

TEST(Options, TextFormsOfEachKind) {
  ConversionOptions options;
  ASSERT_TRUE(set_option(options, "bitrate", "192k"));
  ASSERT_TRUE(set_option(options, "sampleRate", "44.1k"));
  ASSERT_TRUE(set_option(options, "channels", "Mono"));
  ASSERT_TRUE(set_option(options, "start", "1:30.5"));
  ASSERT_TRUE(set_option(options, "end", "01:00:00"));
  ASSERT_TRUE(set_option(options, "bitDepth", "24"));
  ASSERT_TRUE(set_option(options, "gain", "+3 dB"));
  ASSERT_TRUE(set_option(options, "loudness", "-14"));
  ASSERT_TRUE(set_option(options, "fadeOut", "2.5"));
  EXPECT_EQ(options.bit_depth, BitDepth::int24);
  EXPECT_EQ(options.gain, 3);
  EXPECT_EQ(options.loudness, -14);
  EXPECT_EQ(options.fade_out, AudioTime(2'500'000));
  EXPECT_EQ(options.bitrate, 192000);
  EXPECT_EQ(options.sample_rate, 44100);
  EXPECT_EQ(options.channels, 1);
  EXPECT_EQ(options.start, AudioTime(90'500'000));
  EXPECT_EQ(options.end, AudioTime(3'600'000'000));
}

TEST(Options, WrongTextNamesTheOptionAndWhatItTakes) {
  for (const auto& [name, text] : {std::pair{"bitrate", "fast"},
                                   {"bitrate", "1.5"},
                                   {"bitrate", "-1"},
                                   {"bitrate", "1e3"},
                                   {"quality", "nan"},
                                   {"quality", "inf"},
                                   {"sampleRate", ""},
                                   {"channels", "0"},
                                   {"start", "-1"},
                                   {"start", "1:60"},
                                   {"start", "1.5:00"},
                                   {"start", "1:2:3:4"},
                                   {"end", "99999999999"},
                                   {"bitDepth", "0"},
                                   {"bitDepth", "20"},
                                   {"gain", "61"},
                                   {"gain", "+-3"},
                                   {"loudness", "-4"},
                                   {"truePeak", "1"},
                                   {"peak", "0.1"},
                                   {"trimSilence", "on"},
                                   {"fadeIn", "-1"},
                                   {"volume", "11"}}) {
    ConversionOptions options;
    const auto result = set_option(options, name, text);
    ASSERT_FALSE(result) << name << "=" << text;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    ASSERT_EQ(result.error().fields.size(), 1U);
    EXPECT_EQ(result.error().fields[0].field, name);
    EXPECT_EQ(options, ConversionOptions{});
  }
}

TEST(Options, JsonGoesThereAndBack) {
  ConversionOptions options;
  options.bitrate = 192000;
  options.quality = 2.5;
  options.start = AudioTime(1'500'000);
  options.bit_depth = BitDepth::float32;
  options.loudness = -14;
  options.true_peak = -1.5;
  EXPECT_EQ(to_json(options),
            R"({"bitrate":192000,"quality":2.5E0,"start":1.5E0,"bitDepth":"float","loudness":-14,"truePeak":-1.5E0})");
  EXPECT_EQ(parse_options_json(to_json(options)).value(), options);
}

TEST(Options, EncodingAgainIsATruthValue) {
  for (const char* text : {R"({"reencode":true})", R"({"reencode":"true"})", R"({"reencode":1})"}) {
    const auto options = parse_options_json(text);
    ASSERT_TRUE(options) << text;
    EXPECT_TRUE(options->reencode) << text;
    EXPECT_EQ(to_json(*options), R"({"reencode":true})");
  }
  EXPECT_EQ(parse_options_json(R"({"reencode":false})").value(), ConversionOptions{});
  EXPECT_FALSE(parse_options_json(R"({"reencode":"maybe"})"));
  EXPECT_FALSE(parse_options_json(R"({"bitrate":true})"));
}

TEST(Options, JsonRefusesWhatIsNoOption) {
  for (const char* text : {"[]", "{", R"({"bitrate":null})", R"({"bitrate":[1]})", R"({"bitrate":1e30})", R"({"x":1})",
                           R"({"channels":1.5})", R"({"start":-1})", R"({"bitDepth":0})", R"({"gain":1e30})"}) {
    EXPECT_FALSE(parse_options_json(text)) << text;
  }
  EXPECT_EQ(parse_options_json(R"({"bitrate":"128k","channels":2})").value().bitrate, 128000);
  EXPECT_EQ(parse_options_json(R"({"bitDepth":16})").value().bit_depth, BitDepth::int16);
  EXPECT_EQ(parse_options_json(R"({"quality":2.1,"start":0.00001})").value().start, AudioTime(10));
}

TEST(Options, CheckedAgainstTheFormatWithEveryFieldNamed) {
  ConversionOptions options;
  options.bitrate = 999999;
  options.quality = 11;
  options.sample_rate = 12345;
  options.channels = 6;
  options.start = AudioTime(2);
  options.end = AudioTime(1);
  const auto result = check_options(options, make_mp3());
  ASSERT_FALSE(result);
  std::vector<std::string> names;
  for (const FieldError& field : result.error().fields) names.push_back(field.field);
  EXPECT_EQ(names, (std::vector<std::string>{"bitrate", "quality", "quality", "sampleRate", "channels", "end"}));
  EXPECT_TRUE(check_options({}, make_mp3()));
}

TEST(Options, AnalysesAreAListOfNames) {
  ConversionOptions options;
  ASSERT_TRUE(set_option(options, "analysis", "silence, Waveform,silence"));
  EXPECT_EQ(options.analysis.wanted, (std::vector{Analysis::waveform, Analysis::silence}));
  ASSERT_TRUE(set_option(options, "samplesPerPixel", "512"));
  ASSERT_TRUE(set_option(options, "silenceThreshold", "-48.5"));
  EXPECT_EQ(to_json(options),
            R"({"samplesPerPixel":512,"silenceThreshold":-4.85E1,"analysis":["waveform","silence"]})");
  EXPECT_EQ(parse_options_json(to_json(options)).value(), options);
  EXPECT_EQ(parse_options_json(R"({"analysis":"loudness"})")->analysis.wanted, std::vector{Analysis::loudness});
  for (const char* text :
       {R"({"analysis":["bpm"]})", R"({"analysis":[1]})", R"({"analysis":1})", R"({"analysis":","})"}) {
    const auto result = parse_options_json(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().message, "analysis: expected a list of waveform, loudness, silence, spectrogram") << text;
  }
}

TEST(Options, WhatAnAnalysisTakesNeedsTheAnalysis) {
  ConversionOptions options;
  options.analysis.wanted = {Analysis::waveform};
  options.analysis.samples_per_pixel = 100;
  options.analysis.pixels_per_second = 20;
  options.analysis.waveform_bits = 12;
  options.analysis.spectrogram_width = 800;
  const auto result = check_options(options, make_mp3());
  ASSERT_FALSE(result);
  std::vector<std::string> names;
  for (const FieldError& mistake : result.error().fields) names.push_back(mistake.field);
  EXPECT_EQ(names, (std::vector<std::string>{"spectrogramWidth", "pixelsPerSecond", "waveformBits"}));
}

TEST(Options, AnAnalysisAloneTakesNothingOfATarget) {
  ConversionOptions options;
  EXPECT_FALSE(check_analysis_options(options)) << "nothing is asked for";
  options.analysis.wanted = {Analysis::loudness};
  options.start = AudioTime(1);
  EXPECT_TRUE(check_analysis_options(options));
  options.bitrate = 128000;
  EXPECT_FALSE(check_analysis_options(options));
}

TEST(Options, OneLevelOnly) {
  ConversionOptions options;
  options.loudness = -14;
  options.true_peak = -1;
  EXPECT_TRUE(check_options(options, make_mp3()));
  options.peak = -1;
  EXPECT_EQ(check_options(options, make_mp3()).error().fields[0].field, "peak");
  options = {.gain = 3, .true_peak = -1};
  EXPECT_EQ(check_options(options, make_mp3()).error().fields[0].field, "truePeak");
}

TEST(Options, DepthsThatTheFormatHolds) {
  ConversionOptions options;
  options.bit_depth = BitDepth::float32;
  EXPECT_TRUE(check_options(options, make_mp3()));
  options.bit_depth = BitDepth::int24;
  EXPECT_EQ(check_options(options, make_mp3()).error().message, "bitDepth: MP3 takes 16, float");
  TargetFormat none = make_mp3();
  none.bit_depths.clear();
  EXPECT_EQ(check_options(options, none).error().message, "bitDepth: MP3 has no bit depth to choose");
}

TEST(Options, LosslessFormatHasNoBitrate) {
  TargetFormat format = make_mp3();
  format.lossless = true;
  format.bitrate.reset();
  ConversionOptions options;
  options.bitrate = 128000;
  const auto result = check_options(options, format);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "bitrate: MP3 has no bitrate to choose: it is lossless");
}

TEST(FormatCatalog, FindsByNameExtensionAndAlias) {
  FormatCatalog catalog;
  catalog.targets.push_back(make_mp3());
  EXPECT_NE(catalog.find_target("MP3"), nullptr);
  EXPECT_NE(catalog.find_target(".mpeg"), nullptr);
  EXPECT_EQ(catalog.find_target("flac"), nullptr);
  EXPECT_EQ(catalog.find_target(""), nullptr);
}

TEST(FormatCatalog, JsonGoesThereAndBack) {
  FormatCatalog catalog;
  catalog.targets.push_back(make_mp3());
  catalog.sources = {"MP3", "FLAC"};
  EXPECT_EQ(to_json(parse_catalog_json(to_json(catalog)).value()), to_json(catalog));
  EXPECT_FALSE(parse_catalog_json("{}"));
}

}  // namespace
}  // namespace decant::tasks
