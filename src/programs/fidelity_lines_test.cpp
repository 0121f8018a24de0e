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

TEST(FidelityLines, NameWhatIsMissingInOneLine) {
  const FidelityLines lines = read_fidelity(R"({
    "tags": [{"name": "encoder", "fate": "dropped", "why": "it describes the old file"},
             {"name": "title", "fate": "dropped", "why": "removed as asked"},
             {"name": "mood", "fate": "dropped", "why": "no room"}, {"name": "lyrics", "fate": "dropped"},
             {"name": "mood", "fate": "dropped", "why": "no room"}],
    "pictures": [{"name": "front cover", "fate": "kept"}],
    "chapters": [{"name": "1", "fate": "dropped"}, {"name": "2", "fate": "dropped"}, {"name": "3", "fate": "dropped"},
                 {"name": "4", "fate": "dropped"}, {"name": "5", "fate": "dropped"}, {"name": "6", "fate": "dropped"}]})");
  EXPECT_EQ(lines.missing, "dropped from tags: lyrics, mood; chapters: 1, 2, 3, 4, 5 and 1 more");
  EXPECT_THAT(lines.dropped, testing::SizeIs(11));
}

TEST(FidelityLines, AreEmptyForWhatIsNoReport) {
  for (const char* report : {"", "[]", "{}", "{\"tags\": 1}", "{"}) {
    EXPECT_THAT(read_fidelity(report).dropped, IsEmpty()) << report;
  }
}

}  // namespace
}  // namespace decant::programs
