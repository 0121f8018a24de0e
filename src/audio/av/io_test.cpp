#include "audio/av/io.h"

#include <fcntl.h>

#include "audio/test_file.h"

namespace decant::audio::av {
namespace {

TEST(InputFile, ShowsOnlyItsPartOfTheFile) {
  const Descriptor file = make_test_file("0123456789");
  const InputFile input(file.get(), 2, 7);
  std::array<unsigned char, 16> buffer{};
  EXPECT_EQ(avio_read(input.context(), buffer.data(), 16), 5);
  EXPECT_EQ(std::string(buffer.begin(), buffer.begin() + 5), "23456");
  EXPECT_EQ(avio_size(input.context()), 5);
  EXPECT_EQ(avio_seek(input.context(), 3, SEEK_SET), 3);
  EXPECT_EQ(avio_r8(input.context()), '5');
}

TEST(InputFile, RefusesToSeekToNowhere) {
  const Descriptor file = make_test_file("0123456789");
  const InputFile input(file.get(), 0, 10);
  EXPECT_LT(avio_seek(input.context(), -5, SEEK_SET), 0);
}

TEST(InputFile, LeavesTheDescriptorsOwnPositionAlone) {
  const Descriptor file = make_test_file("0123456789");
  ::lseek(file.get(), 4, SEEK_SET);
  const InputFile input(file.get(), 0, 10);
  EXPECT_EQ(avio_r8(input.context()), '0');
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 4);
}

TEST(OutputFile, OverwritesAndGoesOn) {
  const Descriptor file = make_test_file("");
  OutputFile output(file.get());
  const auto bytes = [](std::string_view text) {
    return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  output.write(bytes("size....data"));
  output.overwrite(4, bytes("1234"));
  output.write(bytes("more"));
  ASSERT_TRUE(output.flush());
  std::string content(16, '\0');
  EXPECT_EQ(::pread(file.get(), content.data(), 16, 0), 16);
  EXPECT_EQ(content, "size1234datamore");
}

TEST(OutputFile, TellsThatTheDiskIsFull) {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.is_open());
  OutputFile output(full.get());
  output.write(std::vector<std::uint8_t>(1'000'000));
  const auto flushed = output.flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, ErrorCode::quota_exceeded);
}

}  // namespace
}  // namespace decant::audio::av
