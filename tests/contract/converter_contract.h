#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tasks/converter.h"

namespace decant::contract {

/// A converter, and what it takes for audio.
struct ConverterCase {
  std::unique_ptr<tasks::Converter> converter;
  std::string audio;   ///< a file that it reads
  std::string target;  ///< a format that it writes
};

/// What every Converter must do, run on each adapter and on the fake:
///   INSTANTIATE_TEST_SUITE_P(Fake, ConverterContract, testing::Values(make_fake));
class ConverterContract : public testing::TestWithParam<std::function<ConverterCase()>> {
 protected:
  ConverterContract() : case_(GetParam()()), converter_(*case_.converter) {}

  static SpoolFile make_file(std::string_view content = {}) {
    auto file = SpoolFile::make(testing::TempDir()).value();
    file.append(std::as_bytes(std::span(content))).value();
    return file;
  }

  static std::string content_of(const SpoolFile& file) {
    std::string content(static_cast<std::size_t>(file.size().value()), '\0');
    EXPECT_EQ(::pread(file.descriptor(), content.data(), content.size(), 0), std::ssize(content));
    return content;
  }

  Result<tasks::ConversionResult> convert(const SpoolFile& input, const SpoolFile& output, std::stop_token stop = {}) {
    const tasks::ConversionJob job{input.descriptor(), output.descriptor(), case_.target, {}, std::chrono::seconds(60)};
    return converter_.convert(job, [this](double part_done) { progress_.push_back(part_done); }, std::move(stop));
  }

  ConverterCase case_;
  tasks::Converter& converter_;
  std::vector<double> progress_;
};

TEST_P(ConverterContract, KnowsWhatItCanDo) {
  EXPECT_NE(converter_.formats().find_target(case_.target), nullptr);
  EXPECT_FALSE(converter_.formats().sources.empty());
}

TEST_P(ConverterContract, ProbesAudio) {
  const auto info = converter_.probe(make_file(case_.audio).descriptor());
  ASSERT_TRUE(info) << info.error().describe();
  EXPECT_FALSE(info->container.empty());
  EXPECT_FALSE(info->codec.empty());
  EXPECT_FALSE(info->mime_type.empty());
  EXPECT_GT(info->sample_rate, 0);
  EXPECT_GT(info->channels, 0);
}

TEST_P(ConverterContract, ReadsFromTheStartWhereverTheDescriptorStands) {
  const SpoolFile input = make_file(case_.audio);
  ASSERT_GT(::lseek(input.descriptor(), 0, SEEK_END), 0);
  EXPECT_TRUE(converter_.probe(input.descriptor()));
  EXPECT_TRUE(convert(input, make_file()));
}

TEST_P(ConverterContract, RefusesWhatIsNoAudio) {
  for (const std::string& content : {std::string(), std::string("just a text\n"), std::string(10'000, '\0')}) {
    const SpoolFile input = make_file(content);
    const auto info = converter_.probe(input.descriptor());
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error().code, ErrorCode::unsupported_media) << info.error().describe();
    const auto result = convert(input, make_file());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::unsupported_media) << result.error().describe();
  }
}

TEST_P(ConverterContract, ConvertsIntoTheOutputAndLeavesTheInputAlone) {
  const SpoolFile input = make_file(case_.audio);
  const SpoolFile output = make_file();
  const auto result = convert(input, output);
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_GT(output.size().value(), 0);
  EXPECT_GT(result->samples, 0);
  EXPECT_GT(result->sample_rate, 0);
  EXPECT_GT(result->duration.count(), 0);
  EXPECT_TRUE(result->report.starts_with('{')) << result->report;
  EXPECT_EQ(content_of(input), case_.audio);
}

TEST_P(ConverterContract, TellsProgressFromZeroToOne) {
  ASSERT_TRUE(convert(make_file(case_.audio), make_file()));
  for (const double part_done : progress_) {
    EXPECT_GE(part_done, 0);
    EXPECT_LE(part_done, 1);
  }
}

TEST_P(ConverterContract, DoesNotBeginWhatIsCanceled) {
  std::stop_source source;
  source.request_stop();
  const auto result = convert(make_file(case_.audio), make_file(), source.get_token());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::canceled);
}

TEST_P(ConverterContract, WorksForManyThreadsAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      const SpoolFile input = make_file(case_.audio);
      const SpoolFile output = make_file();
      const tasks::ConversionJob job{
          input.descriptor(), output.descriptor(), case_.target, {}, std::chrono::seconds(60)};
      EXPECT_TRUE(converter_.probe(input.descriptor()));
      EXPECT_TRUE(converter_.convert(job, [](double) {}, {}));
    });
  }
}

}  // namespace decant::contract
