#include "sandbox/protocol.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sandbox/zygote.h"

namespace decant::sandbox {
namespace {

TEST(Protocol, JobsSurviveTheWay) {
  JobSpec job{JobSpec::Kind::convert, std::chrono::milliseconds(1500), "mp3", {}};
  job.options.bitrate = 192'000;
  const auto read = parse_job(encode(job));
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->kind, JobSpec::Kind::convert);
  EXPECT_EQ(read->time_limit, job.time_limit);
  EXPECT_EQ(read->target, "mp3");
  EXPECT_EQ(read->options, job.options);
  EXPECT_EQ(read->cover, JobSpec::Cover::none);
  job.cover = JobSpec::Cover::given;
  EXPECT_EQ(parse_job(encode(job))->cover, JobSpec::Cover::given);
  EXPECT_EQ(parse_job(encode(JobSpec{}))->kind, JobSpec::Kind::probe);
}

TEST(Protocol, HellosSurviveTheWay) {
  const auto read = parse_hello(encode(Hello{"{}", {active_layer("a"), missing_layer("b", "not here")}}));
  ASSERT_TRUE(read) << read.error().describe();
  ASSERT_EQ(read->layers.size(), 2U);
  EXPECT_TRUE(read->layers[0].active);
  EXPECT_FALSE(read->layers[1].active);
  EXPECT_EQ(read->layers[1].why, "not here");
}

TEST(Protocol, ResultsSurviveTheWay) {
  const auto read = parse_result(encode(tasks::ConversionResult{"{\"a\":1}", 48000, 48000, std::chrono::seconds(1)}));
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->report, "{\"a\":1}");
  EXPECT_EQ(read->samples, 48000);
  EXPECT_EQ(read->duration, std::chrono::seconds(1));
}

std::string with_artifacts(std::string_view artifacts) {
  return fmt::format(R"({{"report":"{{}}","samples":1,"sampleRate":1,"duration":1,"artifacts":[{}]}})", artifacts);
}

TEST(Protocol, ArtifactsSurviveTheWay) {
  tasks::ConversionResult result{"{}", 1, 1, std::chrono::seconds(1)};
  result.artifacts = {{tasks::Analysis::waveform, 0, 24}, {tasks::Analysis::spectrogram, 24, 999}};
  const auto read = parse_result(encode(result));
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->artifacts, result.artifacts);
}

class HostileResult : public testing::TestWithParam<std::string> {};

TEST_P(HostileResult, IsRefused) { EXPECT_FALSE(parse_result(GetParam())); }

INSTANTIATE_TEST_SUITE_P(
    Texts, HostileResult,
    testing::Values("", "{}", "[]", "null", "{\"report\":\"{}\"",
                    R"({"report":"{}","samples":-1,"sampleRate":1,"duration":1,"artifacts":[]})",
                    R"({"report":"{}","samples":1e99,"sampleRate":1,"duration":1,"artifacts":[]})",
                    R"({"report":"{}","samples":1,"sampleRate":99999999999,"duration":1,"artifacts":[]})",
                    R"({"report":"[]","samples":1,"sampleRate":1,"duration":1,"artifacts":[]})",
                    R"({"report":{},"samples":1,"sampleRate":1,"duration":1,"artifacts":[]})",
                    R"({"report":"{}","samples":"1","sampleRate":1,"duration":1,"artifacts":[]})",
                    R"({"report":"{}","samples":1,"sampleRate":1,"duration":1})",
                    with_artifacts(R"({"analysis":"loudness!","offset":0,"size":1})"),
                    with_artifacts(R"({"analysis":"waveform","offset":-1,"size":1})"),
                    with_artifacts(R"({"analysis":"waveform","offset":0,"size":0})"),
                    with_artifacts(R"({"analysis":"waveform","offset":0,"size":99999999})"),
                    with_artifacts(R"({"analysis":"waveform","offset":9e18,"size":9})"),
                    with_artifacts(R"({"analysis":"waveform","offset":0,"size":1},)"
                                   R"({"analysis":"waveform","offset":1,"size":1})"),
                    std::string(100'000, '['), "{\"report\":\"\xff\"}"));

TEST(Protocol, RefusesProbesOfImpossibleLength) {
  tasks::MediaInfo info;
  info.duration = std::chrono::seconds(5);
  const std::string honest = tasks::to_json(info);
  EXPECT_TRUE(tasks::parse_media_info_json(honest));
  const std::string length = R"("duration":5E0)";
  const std::size_t at = honest.find(length);
  ASSERT_NE(at, std::string::npos) << honest;
  for (const char* hostile : {"1e300", "-1"}) {
    EXPECT_FALSE(tasks::parse_media_info_json(
        std::string(honest).replace(at, length.size(), std::string(R"("duration":)") + hostile)));
  }
}

TEST(Protocol, TakesOnlyCodesThatAnEngineMayEndWith) {
  EXPECT_TRUE(parse_error(encode(Error{ErrorCode::unprocessable, "a"})));
  EXPECT_FALSE(parse_error(encode(Error{ErrorCode::canceled, "a"})));
  EXPECT_FALSE(parse_error(encode(Error{ErrorCode::forbidden, "a"})));
  EXPECT_FALSE(parse_error(R"({"code":"nonsense","message":"","detail":""})"));
}

TEST(Protocol, BoundsAndCleansTexts) {
  const auto error = parse_error(encode(Error{ErrorCode::internal, std::string(10'000, 'x'), "a\x1b[31m\nb\xff"}));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message.size(), 500U);
  EXPECT_EQ(error->detail, "a [31m b?");
}

TEST(Protocol, KeepsWholeCharacters) {
  EXPECT_EQ(printable("añ日🎵", 100), "añ日🎵");
  EXPECT_EQ(printable("añ日", 5), "añ");
  EXPECT_EQ(printable("\xc3", 5), "?");
  EXPECT_EQ(printable("\xc0\xaf", 5), "??");
}

TEST(Protocol, TakesProgressFromZeroToOne) {
  EXPECT_EQ(parse_progress("0.5"), 0.5);
  EXPECT_EQ(parse_progress(encode_progress(1)), 1);
  for (const char* wrong : {"", "nan", "inf", "-0.1", "1.1", "1e99", "0.5 ", "x"})
    EXPECT_FALSE(parse_progress(wrong)) << wrong;
}

TEST(ZygoteOptions, AreRefusedWhenWrong) {
  const auto parse = [](std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    return parse_zygote_options(arguments);
  };
  EXPECT_TRUE(parse({"engine", "--control-fd=3", "--slots=2", "--tokens=2", "--memory-limit=1", "--output-limit=1"}));
  EXPECT_FALSE(parse({"engine"}));
  EXPECT_FALSE(parse({"engine", "--control-fd=3", "--slots=x"}));
  EXPECT_FALSE(parse({"engine", "--help"}));
}

}  // namespace
}  // namespace decant::sandbox
