#include "programs/batch/freshness.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/ids.h"

namespace decant::programs::batch {
namespace {

constexpr FileVersion input{.size = 1000, .modified = 50};

const std::string source = describe_source(input, "mp3", {});

OutputState output_of(std::int64_t modified, std::optional<Record> record = {}) {
  return {.version = {.size = 10, .modified = modified}, .record = std::move(record)};
}

/// One that was made by decant and is as it was then, at whatever time.
OutputState made_from(const std::string& its_source) {
  return output_of(1, Record{.made = {.size = 10, .modified = 1}, .source = its_source});
}

TEST(Freshness, FollowsTheRecordWhateverTheTimes) {
  EXPECT_EQ(judge(input, source, made_from(source)), Freshness::current);
  EXPECT_EQ(judge(input, source, made_from(describe_source({1000, 49}, "mp3", {}))), Freshness::stale);
  EXPECT_EQ(judge(input, source, made_from(describe_source({999, 50}, "mp3", {}))), Freshness::stale);
  EXPECT_EQ(judge(input, source, made_from(describe_source(input, "alac", {}))), Freshness::stale);
  EXPECT_EQ(judge(input, source, made_from(describe_source(input, "mp3", {.bitrate = 96'000}))), Freshness::stale);
}

TEST(Freshness, TellsACutOutputFromOneThatWasEdited) {
  const Record whole{.made = {.size = 20, .modified = 70}, .source = source};
  EXPECT_EQ(judge(input, source, output_of(70, whole)), Freshness::stale);
  EXPECT_EQ(judge(input, source, output_of(80, whole)), Freshness::current);
  EXPECT_EQ(judge(input, source, OutputState{.version = {.size = 0, .modified = 90}}), Freshness::absent);
}

TEST(Freshness, FollowsTheTimesWithoutARecord) {
  EXPECT_EQ(judge(input, source, std::nullopt), Freshness::absent);
  EXPECT_EQ(judge(input, source, output_of(50)), Freshness::current);
  EXPECT_EQ(judge(input, source, output_of(49)), Freshness::foreign);
}

TEST(Freshness, IsKeptWithTheFile) {
  const std::string path = (std::filesystem::temp_directory_path() / ("decant-" + random_hex(8))).string();
  const Descriptor file{::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600)};
  ASSERT_TRUE(write_all(file.get(), std::as_bytes(std::span("audio", 5))));
  keep_record(file.get(), source);
  const auto output = find_output(path);
  ::unlink(path.c_str());
  ASSERT_TRUE(output);
  if (!output->record) GTEST_SKIP() << "no extended attributes here";
  EXPECT_EQ(output->record->source, source);
  EXPECT_EQ(output->record->made, output->version);
}

}  // namespace
}  // namespace decant::programs::batch
