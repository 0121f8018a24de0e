#include "programs/top_view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace decant::programs {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

tasks::TaskId task_id() { return *tasks::TaskId::parse("01a223e9-a6d3-75b9-9ffc-0473d43fe1fc"); }

WorkSample sample() {
  WorkSample work;
  work.queue = {.ready = 12, .delayed = 1, .leased = 2, .processed = 100, .failed = 3, .oldest_ready_age = 95s};
  work.running = {{task_id(), "host/7", "mp3", 1, 0.5}, {task_id(), "host/7", "flac", 2, 0.25}};
  work.failed = {{task_id(), "ogg", {ErrorCode::unprocessable, "it broke"}, 65s}};
  return work;
}

std::string all_of(const std::vector<std::string>& lines) { return fmt::format("{}", fmt::join(lines, "\n")); }

TEST(TopView, ShowsQueueWorkersTasksAndFailures) {
  const std::string shown = all_of(show_work(sample(), WorkRates::Rates{12.34, 0.5}));
  for (const char* part :
       {"12 ready, 1 delayed, 2 running; the oldest waits 1:35", "100 processed, 3 failed",
        "12.3 processed a minute, 0.5 failed a minute", "50 %", "25 %", "unprocessable: it broke", "1:05"}) {
    EXPECT_THAT(shown, HasSubstr(part));
  }
  EXPECT_THAT(shown, testing::ContainsRegex("host/7 +2\n")) << "both tasks of the worker";
  EXPECT_THAT(shown, Not(HasSubstr("broker")));
}

TEST(TopView, ShowsTheOutboxWhereThereIsOne) {
  WorkSample work = sample();
  work.outbox = tasks::OutboxStats{.waiting = 4, .oldest_age = 2s};
  EXPECT_THAT(all_of(show_work(work, std::nullopt)), HasSubstr("4 rings wait, the oldest 0:02"));
}

TEST(TopView, LetsNoTextDriveTheTerminal) {
  WorkSample work = sample();
  work.running[0].worker = "\033[2Jevil\n";
  work.failed[0].error.message = "\a\033]0;title\a";
  for (const std::string& line : show_work(work, std::nullopt)) {
    EXPECT_THAT(line, testing::Not(testing::ContainsRegex("[[:cntrl:]]")));
  }
}

TEST(TopView, ClipsLinesByCharacters) {
  EXPECT_EQ(clip("abc", 2), "ab");
  EXPECT_EQ(clip("abc", 3), "abc");
  EXPECT_EQ(clip("äöü", 2), "äö");
  EXPECT_EQ(clip("", 2), "");
  EXPECT_EQ(clip("abc", 0), "");
}

TEST(TopView, IsJsonForScripts) {
  WorkSample work = sample();
  work.outbox = tasks::OutboxStats{.waiting = 4, .oldest_age = 2500ms};
  const boost::json::value json = boost::json::parse(work_json(work));
  EXPECT_EQ(json.at("queue").at("ready").to_number<int>(), 12);
  EXPECT_EQ(json.at("queue").at("oldestReadyAgeSeconds").to_number<double>(), 95);
  EXPECT_EQ(json.at("outbox").at("oldestAgeSeconds").to_number<double>(), 2.5);
  EXPECT_EQ(json.at("running").at(1).at("worker").as_string(), "host/7");
  EXPECT_EQ(json.at("running").at(1).at("progress").to_number<double>(), 0.25);
  EXPECT_EQ(json.at("failed").at(0).at("code").as_string(), "unprocessable");
  EXPECT_EQ(json.at("failed").at(0).at("ageSeconds").to_number<double>(), 65);
}

class WorkRatesTest : public testing::Test {
 protected:
  void add(std::chrono::seconds at, std::int64_t processed, std::int64_t failed) {
    WorkSample work;
    work.at = SteadyTime(at);
    work.queue.processed = processed;
    work.queue.failed = failed;
    rates_.add(work);
  }
  WorkRates rates_;
};

TEST_F(WorkRatesTest, NeedTwoSamples) {
  EXPECT_FALSE(rates_.a_minute());
  add(0s, 10, 1);
  EXPECT_FALSE(rates_.a_minute());
  add(30s, 20, 2);
  EXPECT_DOUBLE_EQ(rates_.a_minute()->processed, 20);
  EXPECT_DOUBLE_EQ(rates_.a_minute()->failed, 2);
}

TEST_F(WorkRatesTest, AreOfTheLastMinute) {
  for (int second = 0; second <= 600; ++second) add(std::chrono::seconds(second), second < 500 ? 0 : second - 500, 0);
  EXPECT_DOUBLE_EQ(rates_.a_minute()->processed, 60);
}

TEST_F(WorkRatesTest, AreNeverNegative) {
  add(0s, 10, 10);
  add(60s, 5, 10);
  EXPECT_DOUBLE_EQ(rates_.a_minute()->processed, 0);
}

}  // namespace
}  // namespace decant::programs
