#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "database/postgresql/live_edge.h"
#include "database/postgresql/postgresql_fixture.h"

namespace decant::database::postgresql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class LiveEdgeTest : public testing::Test {
 protected:
  /// What one look came to: where the short look began, "all", or both.
  std::vector<std::string> look(LiveEdge& edge, bool finds_short, milliseconds whole_look_takes = milliseconds(0)) {
    std::vector<std::string> made;
    EXPECT_TRUE(edge.look(
        [&](LiveEdge::Milliseconds from) -> Result<bool> {
          made.push_back(std::to_string(from));
          return finds_short;
        },
        [&]() -> Result<bool> {
          made.emplace_back("all");
          std::this_thread::sleep_for(whole_look_takes);
          return false;
        }));
    return made;
  }
};

TEST_F(LiveEdgeTest, LooksFromALittleBeforeTheRowThatWasFoundLast) {
  LiveEdge edge({.slack = milliseconds(500), .whole_look_interval = std::chrono::hours(1)});
  EXPECT_THAT(look(edge, true), testing::ElementsAre("all")) << "at first";
  edge.found_at(10'000);
  EXPECT_THAT(look(edge, true), testing::ElementsAre("9500"));
  edge.found_at(8'000);
  EXPECT_THAT(look(edge, true), testing::ElementsAre("9500")) << "never backwards";
}

TEST_F(LiveEdgeTest, LooksAtAllWhenTheShortLookFindsNothingAndThatIsCheap) {
  LiveEdge edge({.whole_look_interval = std::chrono::hours(1)});
  look(edge, true);
  EXPECT_THAT(look(edge, false), testing::ElementsAre("0", "all"));
}

TEST_F(LiveEdgeTest, LooksAtAllNowAndThenWhateverTheShortLookFinds) {
  LiveEdge edge({.whole_look_interval = milliseconds(1)});
  look(edge, true);
  std::this_thread::sleep_for(milliseconds(2));
  EXPECT_THAT(look(edge, true), testing::ElementsAre("all"));
}

TEST_F(LiveEdgeTest, DearLooksAtAllGetTheirShareOfTheTimeOnly) {
  LiveEdge edge({.whole_look_interval = milliseconds(0), .whole_look_share = 0.001, .cheap_look = milliseconds(1)});
  EXPECT_THAT(look(edge, false, milliseconds(20)), testing::ElementsAre("all"));
  for (int i = 0; i < 5; ++i) EXPECT_THAT(look(edge, false), testing::ElementsAre("0")) << "for 20 seconds";
}

// Vacuum may not remove what an old snapshot might still see, so the front of the index of what is ready fills with
// rows that were claimed long since. Claims must not step over all of them.
TEST(PostgresqlOldSnapshot, Pitfall14ClaimsStayFastBesideAnOldSnapshot) {
  constexpr int tasks_a_step = 500;
  const std::string url = make_migrated_database();
  const SystemClock clock;
  Logger logger(LogLevel::error, LogFormat::text);
  const auto database = open_database(url, {}, clock, logger).value();
  contract::PostgresqlSession session(url);
  session.execute(R"sql(
    SET synchronous_commit = off;
    INSERT INTO users VALUES ('00000000-0000-7000-8000-000000000001', 'ada', 'ada@example.org', '', 0, false, 0))sql");
  contract::PostgresqlSession reader(url);
  reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM tasks");

  // Inserts and claims so many; how long the claim in the middle took.
  const auto step = [&](int number) {
    session.execute(fmt::format(R"sql(
      INSERT INTO tasks (id, user_id, created, updated, name, target, options, state, generation, fence, attempts,
                         max_attempts, not_before, progress, media, source_key, source_size, source_sha256,
                         source_mime_type, source_extension)
      SELECT gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 0, 0, 'n', 'mp3', '{{}}', 'UPLOADED', 1, 0, 0,
             3, {} + i, 0, '{{}}', 'sources/' || {} || i, 1, '', '', ''
      FROM generate_series(1, {}) AS i)sql",
                                number * 1000, number, tasks_a_step));
    std::vector<steady_clock::duration> taken;
    for (int i = 0; i < tasks_a_step; ++i) {
      const auto begin = steady_clock::now();
      EXPECT_TRUE(database->queue().claim({.wanted = {}, .worker = "w", .lease = std::chrono::hours(1)}).value());
      taken.push_back(steady_clock::now() - begin);
    }
    std::ranges::nth_element(taken, taken.begin() + tasks_a_step / 2);
    return taken[tasks_a_step / 2];
  };
  const auto first = step(0);
  steady_clock::duration last{};
  for (int number = 1; number <= 20; ++number) last = step(number);

  // What a look at all of the queue costs by now, in rows stepped over.
  EXPECT_EQ(session.execute("SELECT count(*) FROM tasks WHERE state = 'UPLOADED'"), "0");
  const auto dead = session.execute(
      "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT 1 FROM tasks WHERE state = "
      "'UPLOADED' AND not_before <= now_ms() ORDER BY not_before, sequence LIMIT 1");
  EXPECT_THAT(dead, testing::HasSubstr("tasks_ready"));
  EXPECT_LT(last, 4 * first) << std::chrono::duration_cast<std::chrono::microseconds>(last).count() << " us after "
                             << std::chrono::duration_cast<std::chrono::microseconds>(first).count() << " us\n"
                             << dead;
}

}  // namespace
}  // namespace decant::database::postgresql
