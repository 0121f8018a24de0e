#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/sha256.h"

namespace decant {
namespace {

using TestId = Id<struct TestTag>;

Result<int> half(int number) {
  if (number % 2 != 0) return failure(ErrorCode::invalid_argument, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  DECANT_TRY(const int first, half(number));
  DECANT_CHECK(half(first));
  return half(first);
}

TEST(Result, TryPassesValuesAndErrorsOn) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
}

TEST(ErrorCode, NamesGoThereAndBack) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(find_error_code(to_string(code)), code);
  }
  EXPECT_EQ(find_error_code("none"), std::nullopt);
}

TEST(Id, SortsByTimeAndParsesItself) {
  const TestId early = TestId::make(WallTime(std::chrono::milliseconds(1000)));
  const TestId late = TestId::make(WallTime(std::chrono::milliseconds(2000)));
  EXPECT_LT(early, late);
  EXPECT_EQ(early.text()[14], '7');
  EXPECT_EQ(TestId::parse(early.text()), early);
  for (const char* wrong : {"", "1", "00000000-0000-7000-8000-00000000000", "00000000-0000-7000-8000-00000000000g",
                            "00000000x0000-7000-8000-000000000000", "../0000-0000-7000-8000-000000000000"}) {
    EXPECT_EQ(TestId::parse(wrong), std::nullopt) << wrong;
  }
}

TEST(Clock, Iso8601IsUtcWithMilliseconds) {
  EXPECT_EQ(to_iso8601(WallTime(std::chrono::milliseconds(1'700'000'000'123))), "2023-11-14T22:13:20.123Z");
}

TEST(Clock, ReadsUtcTimes) {
  for (const std::int64_t time : {0LL, 1'700'000'000'123LL, 4'102'444'799'999LL}) {
    EXPECT_EQ(parse_iso8601(to_iso8601(WallTime(std::chrono::milliseconds(time)))).value().time_since_epoch().count(),
              time);
  }
  EXPECT_EQ(parse_iso8601("2023-11-14T22:13:20Z"), WallTime(std::chrono::seconds(1'700'000'000)));
  EXPECT_EQ(parse_iso8601("2023-11-14T22:13:20.1234567Z"), WallTime(std::chrono::milliseconds(1'700'000'000'123)));
  for (const char* text : {"", "Z", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-02-30T00:00:00Z",
                           "2023-11-14T24:00:00Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+01:00Z"}) {
    EXPECT_FALSE(parse_iso8601(text)) << text;
  }
}

TEST(SpoolFile, HasNoNameAndKeepsWhatIsAppended) {
  const auto folder = std::filesystem::temp_directory_path() / ("decant-spool-" + random_hex(8));
  std::filesystem::create_directory(folder);
  auto file = SpoolFile::make(folder);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append(std::as_bytes(std::span("hello", 5))));
  EXPECT_EQ(file->size().value(), 5);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove(folder);
}

TEST(File, FullDiskIsQuotaExceeded) {
  const Descriptor full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
  const auto result = write_all(full.get(), std::as_bytes(std::span("x", 1)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::quota_exceeded);
}

TEST(File, OnlyRegularFilesAreOpened) {
  EXPECT_EQ(open_for_reading("/dev/null").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(open_for_reading("/nonexistent").error().code, ErrorCode::not_found);
}

TEST(Sha256, MatchesThePublishedVectorsWhateverThePieces) {
  const std::string text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 hash;
    hash.update(std::as_bytes(std::span(text).first(cut)));
    hash.update(std::as_bytes(std::span(text).subspan(cut)));
    EXPECT_EQ(hash.finish_hex(), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  }
  EXPECT_EQ(Sha256().finish_hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace decant
