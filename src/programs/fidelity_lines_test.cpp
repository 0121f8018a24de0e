#include "programs/fidelity_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace decant::programs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FidelityLines, TellWhatWasNotKept) {
  const FidelityLines lines = read_fidelity(R"({
    "notes": ["Resampled.", 7],
    "tags": [{"name": "title", "fate": "kept"}, {"name": "x\u001b", "fate": "dropped", "why": "no room"}],
    "pictures": [{"fate": "dropped"}],
    "losses": [{"position": 1.5, "reason": "damaged"}]})");
  EXPECT_THAT(lines.notes, ElementsAre("Resampled."));
  EXPECT_THAT(lines.dropped, ElementsAre("dropped from tags: x? (no room)", "dropped from pictures"));
  EXPECT_THAT(lines.lost, ElementsAre("lost audio at 1.500 s: damaged"));
}

TEST(FidelityLines, AreEmptyForWhatIsNoReport) {
  for (const char* report : {"", "[]", "{}", "{\"tags\": 1}", "{"}) {
    EXPECT_THAT(read_fidelity(report).dropped, IsEmpty()) << report;
  }
}

}  // namespace
}  // namespace decant::programs
