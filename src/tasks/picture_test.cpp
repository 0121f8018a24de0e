#include "tasks/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace decant::tasks {
namespace {

using namespace std::string_literals;

std::string png(std::string_view size = std::string_view("\0\0\1\0\0\0\0\x80", 8)) {
  return "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR"s + std::string(size) + "\x08\2\0\0\0crc.data\0\0\0\0IENDcrc."s;
}

std::string jpeg() { return "\xFF\xD8\xFF\xE0\0\4ab\xFF\xC0\0\x0B\x08\0\x20\0\x40\1\1\x11\0data\xFF\xD9"s; }

Error refusal_of(const std::string& content, const CoverLimits& limits = {}) {
  auto file = SpoolFile::make(testing::TempDir()).value();
  file.append(std::as_bytes(std::span(content))).value();
  const Result<void> checked = check_cover(file.descriptor(), limits);
  return checked ? Error{} : checked.error();
}

bool is_taken(const std::string& content, const CoverLimits& limits = {}) {
  return refusal_of(content, limits).message.empty();
}

TEST(Cover, IsAWholeJpegOrPng) {
  EXPECT_TRUE(is_taken(png()));
  EXPECT_TRUE(is_taken(jpeg()));
  EXPECT_TRUE(is_taken(jpeg() + std::string(1000, '\0'))) << "some programs append to it";
}

TEST(Cover, OfAnotherKindIsRefused) {
  for (const std::string& content :
       {""s, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"s, "GIF89a"s, "\x89PNG"s, "RIFF\0\0\0\0WEBP"s}) {
    const Error error = refusal_of(content);
    EXPECT_EQ(error.code, ErrorCode::unsupported_media) << content;
    ASSERT_EQ(error.fields.size(), 1U);
    EXPECT_EQ(error.fields[0].field, "cover");
  }
}

TEST(Cover, ThatIsDamagedIsRefused) {
  for (const std::string& whole : {png(), jpeg()}) {
    for (std::size_t size = 8; size + 2 < whole.size(); ++size) {
      const std::string cut = whole.substr(0, size);
      EXPECT_EQ(is_taken(cut), cut.contains("IEND")) << size;
    }
  }
  EXPECT_EQ(refusal_of("\xFF\xD8\xFF\xE0\0\0\xFF\xD9"s).code, ErrorCode::unprocessable) << "a segment of no length";
  EXPECT_EQ(refusal_of(png("\0\0\0\0\0\0\0\0"s)).code, ErrorCode::unprocessable);
}

TEST(Cover, HasLimits) {
  EXPECT_EQ(refusal_of(png("\x7F\xFF\xFF\xFF\0\0\0\1"s)).code, ErrorCode::unprocessable);
  EXPECT_EQ(refusal_of(png("\0\0\0\1\x7F\xFF\xFF\xFF"s)).code, ErrorCode::unprocessable);
  EXPECT_TRUE(is_taken(png(), {.side = 256}));
  EXPECT_EQ(refusal_of(png(), {.side = 255}).code, ErrorCode::unprocessable);
  const auto size = static_cast<ByteCount>(png().size());
  EXPECT_TRUE(is_taken(png(), {.bytes = size}));
  EXPECT_EQ(refusal_of(png(), {.bytes = size - 1}).code, ErrorCode::too_large);
}

}  // namespace
}  // namespace decant::tasks
