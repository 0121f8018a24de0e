#include "programs/batch/progress.h"

#include <gtest/gtest.h>

namespace decant::programs::batch {
namespace {

using namespace std::chrono_literals;

TEST(RenderProgress, TellsFilesSpeedTimeLeftAndNames) {
  const ProgressState state{.files_done = 12,
                            .files = 200,
                            .guess_done = 250s,
                            .guess = 1000s,
                            .audio = 300s,
                            .elapsed = 10s,
                            .names = {"a.wav", "b.flac"}};
  EXPECT_EQ(render(state, 100), "[=====               ] 12/200  30x  0:30 left  a.wav, b.flac");
}

TEST(RenderProgress, PromisesNothingAtFirst) {
  EXPECT_EQ(render({.files = 2, .guess_done = 1s, .guess = 100s, .elapsed = 100ms, .names = {"a"}}, 100),
            "[                    ] 0/2  a");
  EXPECT_EQ(render({.files_done = 1, .files = 1, .elapsed = 1s}, 100), "[                    ] 1/1  ");
}

TEST(RenderProgress, FitsTheTerminalWithoutCuttingACharacter) {
  const std::string line = render({.files = 1, .guess = 100s, .names = {"日本日本"}}, 30);
  EXPECT_EQ(line, "[                    ] 0/1  日本");
}

}  // namespace
}  // namespace decant::programs::batch
