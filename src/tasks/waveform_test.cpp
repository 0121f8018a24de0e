#include "tasks/waveform.h"

#include <gtest/gtest.h>

#include <vector>

namespace decant::tasks {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> numbers) {
  std::vector<std::byte> bytes;
  for (const int number : numbers) bytes.push_back(static_cast<std::byte>(number));
  return bytes;
}

/// version, flags, sample rate, samples per pixel, length, channels, data; 44100 is 0xac44.
std::vector<std::byte> dat_of(int flags, int length, std::initializer_list<int> data) {
  auto bytes = bytes_of({2, 0, 0, 0, flags, 0, 0, 0, 0x44, 0xac, 0, 0, 0, 1, 0, 0, length, 0, 0, 0, 1, 0, 0, 0});
  for (const std::byte byte : bytes_of(data)) bytes.push_back(byte);
  return bytes;
}

TEST(WaveformJson, HasEveryFieldOfTheFile) {
  EXPECT_EQ(
      waveform_json(dat_of(1, 2, {0xff, 1, 0x80, 0x7f})).value(),
      R"({"version":2,"channels":1,"sample_rate":44100,"samples_per_pixel":256,"bits":8,"length":2,"data":[-1,1,-128,127]})");
  EXPECT_EQ(
      waveform_json(dat_of(0, 1, {0x00, 0x80, 0xff, 0x7f})).value(),
      R"({"version":2,"channels":1,"sample_rate":44100,"samples_per_pixel":256,"bits":16,"length":1,"data":[-32768,32767]})");
  EXPECT_TRUE(waveform_json(dat_of(1, 0, {})));
}

TEST(WaveformJson, RefusesWhatIsDamaged) {
  EXPECT_FALSE(waveform_json({}));
  EXPECT_FALSE(waveform_json(dat_of(1, 3, {1, 2})));
  EXPECT_FALSE(waveform_json(dat_of(2, 1, {1, 2})));
  EXPECT_FALSE(waveform_json(dat_of(0, 1, {1, 2, 3})));
  auto old = dat_of(1, 1, {1, 2});
  old[0] = std::byte{1};
  EXPECT_FALSE(waveform_json(old));
}

}  // namespace
}  // namespace decant::tasks
