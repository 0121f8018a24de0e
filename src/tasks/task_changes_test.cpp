#include "tasks/task_changes.h"

#include <gtest/gtest.h>

namespace decant::tasks {
namespace {

TEST(ChangePosition, ReadsWhatItWrites) {
  for (const ChangePosition position : {ChangePosition{}, ChangePosition{4711, ChangePosition::last_row},
                                        ChangePosition{4711, 12}, ChangePosition{ChangePosition::last_row, 0}}) {
    EXPECT_EQ(ChangePosition::parse(position.text()), position) << position.text();
  }
  EXPECT_EQ((ChangePosition{4711, ChangePosition::last_row}.text()), "4711");
}

TEST(ChangePosition, TakesNothingElse) {
  for (const char* text :
       {"", ".", "1.", ".1", "-1", "1.-1", "+1", " 1", "1 ", "1.2.3", "0x1", "99999999999999999999", "1\n2"}) {
    EXPECT_FALSE(ChangePosition::parse(text)) << text;
  }
}

}  // namespace
}  // namespace decant::tasks
