#include "metrics/state_reader.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace decant::metrics {
namespace {

using namespace std::chrono_literals;

class CountingQueue final : public tasks::QueueStatsSource {
 public:
  Result<tasks::QueueStats> queue_stats() override {
    ++asked;
    if (is_away) return failure(ErrorCode::unavailable, "away");
    return tasks::QueueStats{.ready = asked};
  }
  int asked = 0;
  bool is_away = false;
};

class StateReaderTest : public testing::Test {
 protected:
  StateSources sources() {
    return {.check = [this]() -> Result<void> {
              if (is_away_) return failure(ErrorCode::unavailable, "away");
              return {};
            },
            .queue = &queue_,
            .slots = [] { return Slots{.all = 2, .busy = 1}; },
            .data_folder = "/"};
  }

  ManualClock clock_;
  CountingQueue queue_;
  bool is_away_ = false;
};

TEST_F(StateReaderTest, AsksTheDatabaseOnceASecond) {
  StateReader reader(sources(), clock_);
  EXPECT_EQ(reader.read().queue->ready, 1);
  clock_.advance(999ms);
  EXPECT_EQ(reader.read().queue->ready, 1);
  clock_.advance(1ms);
  EXPECT_EQ(reader.read().queue->ready, 2);
}

TEST_F(StateReaderTest, AsksADatabaseThatIsAwayForNothingElse) {
  StateReader reader(sources(), clock_);
  is_away_ = true;
  const State state = reader.read();
  EXPECT_FALSE(state.database_answers);
  EXPECT_FALSE(state.queue);
  EXPECT_EQ(queue_.asked, 0);
  EXPECT_EQ(state.slots->busy, 1) << "what needs no database is shown all the same";
}

TEST_F(StateReaderTest, ShowsNoQueueThatItCouldNotRead) {
  queue_.is_away = true;
  const State state = StateReader(sources(), clock_).read();
  EXPECT_TRUE(state.database_answers);
  EXPECT_FALSE(state.queue);
}

TEST_F(StateReaderTest, ShowsOnlyThePartsThatThereAre) {
  StateSources few = sources();
  few.queue = nullptr;
  few.slots = {};
  few.data_folder = "/there/is/no/such/folder";
  const State state = StateReader(few, clock_).read();
  EXPECT_TRUE(state.database_answers);
  EXPECT_FALSE(state.queue || state.outbox || state.slots || state.disk);
}

TEST_F(StateReaderTest, MeasuresTheDisk) {
  const State state = StateReader(sources(), clock_).read();
  ASSERT_TRUE(state.disk);
  EXPECT_GT(state.disk->size, 1'000'000);
  EXPECT_LE(state.disk->free, state.disk->size);
}

}  // namespace
}  // namespace decant::metrics
