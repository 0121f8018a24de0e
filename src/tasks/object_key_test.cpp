#include "tasks/object_key.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace decant::tasks {
namespace {

TEST(ObjectKey, TakesWhatDecantMakes) {
  const TaskId task = TaskId::make(ManualClock().wall_now());
  EXPECT_TRUE(is_object_key(make_source_key(task, "mp3")));
  EXPECT_TRUE(is_object_key(make_result_key(task, 3, "flac")));
  EXPECT_EQ(make_result_key(task, 3, "flac").find("results/" + task.text() + "/3-"), 0U);
}

TEST(ObjectKey, IsNewEachTime) {
  const TaskId task = TaskId::make(ManualClock().wall_now());
  EXPECT_NE(make_source_key(task, "mp3"), make_source_key(task, "mp3"));
  EXPECT_NE(make_result_key(task, 1, "mp3"), make_result_key(task, 1, "mp3"));
}

TEST(ObjectKey, RefusesWhatCouldLeaveAFolder) {
  for (const std::string_view key : {"", "/", "/etc/passwd", "..", "../a", "a/../b", "a/..", "a..b", ".hidden",
                                     "a/.hidden", "a//b", "a/", "A/b", "a b", "a\\b", "a+b", "a\nb", "ä"}) {
    EXPECT_FALSE(is_object_key(key)) << key;
  }
  EXPECT_FALSE(is_object_key(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_object_key(std::string(longest_object_key + 1, 'a')));
  EXPECT_TRUE(is_object_key(std::string(longest_object_key, 'a')));
}

}  // namespace
}  // namespace decant::tasks
