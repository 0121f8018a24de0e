#include "tasks/result_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "contract/fake_object_store.h"

namespace decant::tasks {
namespace {

TEST(ResultFiles, AnArtifactBelongsToItsResult) {
  const std::string result = "results/t/1-ab.mp3";
  for (const Analysis analysis : {Analysis::waveform, Analysis::spectrogram}) {
    const std::string key = make_artifact_key(result, analysis);
    EXPECT_TRUE(is_object_key(key));
    EXPECT_EQ(owner_of(key), result);
  }
  EXPECT_EQ(owner_of(result), result);
  EXPECT_EQ(owner_of("sources/t/ab.dat"), "sources/t/ab.dat");
}

TEST(ResultFiles, ACoverBelongsToItsSource) {
  const std::string key = make_cover_key("sources/t/ab.flac");
  EXPECT_TRUE(is_object_key(key));
  EXPECT_EQ(owner_of(key), "sources/t/ab.flac");
}

TEST(ResultFiles, GoWithTheResult) {
  const ManualClock clock;
  contract::FakeObjectStore objects(clock);
  for (const char* key : {"results/t/1-a.mp3", "results/t/1-a.mp3.waveform.dat", "results/t/2-b.mp3"}) {
    objects.insert(key, "x");
  }
  EXPECT_TRUE(remove_result(objects, "results/t/1-a.mp3"));
  EXPECT_THAT(objects.keys(), testing::ElementsAre("results/t/2-b.mp3"));
}

}  // namespace
}  // namespace decant::tasks
