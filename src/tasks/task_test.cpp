#include "tasks/task.h"

#include <gtest/gtest.h>

#include "tasks/media.h"

namespace decant::tasks {
namespace {

TEST(State, NamesGoThereAndBack) {
  for (const State state : {State::UPLOADED, State::PROCESSING, State::PROCESSED, State::FAILED, State::CANCELED}) {
    EXPECT_EQ(find_state(to_string(state)), state);
  }
  EXPECT_EQ(find_state("uploaded"), std::nullopt);
}

TEST(State, CanceledIsTheEnd) {
  for (const Event event : {Event::claim, Event::commit, Event::retry, Event::give_back, Event::expire, Event::fail,
                            Event::reconvert, Event::cancel}) {
    EXPECT_EQ(next_state(State::CANCELED, event), std::nullopt) << to_string(event);
  }
}

TEST(State, OnlyAClaimedTaskCommits) {
  EXPECT_EQ(next_state(State::PROCESSING, Event::commit), State::PROCESSED);
  for (const State state : {State::UPLOADED, State::PROCESSED, State::FAILED}) {
    EXPECT_EQ(next_state(state, Event::commit), std::nullopt) << to_string(state);
  }
}

TEST(MediaInfo, JsonGoesThereAndBack) {
  MediaInfo info;
  info.container = "flac";
  info.codec = "flac";
  info.duration = AudioTime(1'500'000);
  info.sample_rate = 44100;
  info.tags = {{"title", "日本 \"quoted\"\n"}};
  const auto back = parse_media_info_json(to_json(info));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(info));
  EXPECT_FALSE(parse_media_info_json("{}"));
}

}  // namespace
}  // namespace decant::tasks
