#include "programs/batch/audio_names.h"

#include <gtest/gtest.h>

namespace decant::programs::batch {
namespace {

TEST(AudioNames, AreToldByTheirExtension) {
  for (const char* name : {"a.wav", "m/a.MP3", "x.y.Opus", "m.d/-b.flac"}) EXPECT_TRUE(is_audio_name(name)) << name;
  for (const char* name : {"wav", ".wav", "a.jpg", "a.mp4", "a.wav/b", "a.", ""}) {
    EXPECT_FALSE(is_audio_name(name)) << name;
  }
}

TEST(GuessLength, ComparesFilesOfDifferentKinds) {
  EXPECT_NEAR(guess_length("a.wav", 176'400).count(), 1, 0.01);
  EXPECT_GT(guess_length("a.mp3", 1'000'000), guess_length("a.flac", 2'000'000));
  EXPECT_GT(guess_length("unknown", 1).count(), 0);
}

}  // namespace
}  // namespace decant::programs::batch
