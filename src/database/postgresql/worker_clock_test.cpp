#include <gmock/gmock.h>

#include "database/postgresql/postgresql_fixture.h"

namespace decant::database::postgresql {
namespace {

// Two machines whose clocks are wrong by an hour, each in its way. Leases are the server's.
TEST(PostgresqlWorkerClock, Pitfall11AWorkersOwnClockDecidesNothing) {
  constexpr std::chrono::milliseconds lease = std::chrono::seconds(30);
  const std::string url = make_migrated_database();
  const SystemClock right;
  const ManualClock slow(right.wall_now() - std::chrono::hours(1));
  const ManualClock fast(right.wall_now() + std::chrono::hours(1));
  Logger logger(LogLevel::error, LogFormat::text);
  const auto behind = open_database(url, {}, slow, logger).value();
  const auto ahead = open_database(url, {}, fast, logger).value();

  tasks::User user{.id = tasks::UserId::make(right.wall_now()), .name = "ada", .email = "ada@example.org"};
  ASSERT_TRUE(ahead->users().insert_user(user));
  for (auto* const own : {behind.get(), ahead.get()}) {
    auto* const other = own == behind.get() ? ahead.get() : behind.get();
    tasks::NewTask given;
    given.task.id = tasks::TaskId::make(own == behind.get() ? slow.wall_now() : fast.wall_now());
    given.task.user = user.id;
    given.task.max_attempts = 3;
    given.task.source.key = "sources/" + given.task.id.text();
    ASSERT_TRUE(own->tasks().insert_task(given));
    const auto claim = [&](Database& by) {
      return by.queue().claim({.wanted = {}, .worker = "w", .lease = lease}).value();
    };
    const auto claimed = claim(*own);
    ASSERT_TRUE(claimed) << "ready at once, whoever inserted it";
    EXPECT_EQ(claimed->task.id, given.task.id);
    EXPECT_FALSE(claim(*other)) << "the lease has not run out";
    EXPECT_TRUE(other->sweep().release_expired_leases(10).value().empty());
    EXPECT_TRUE(own->queue().heartbeat(claimed->task.id, claimed->task.fence, lease, 0.5).value());
    const auto left = other->queue().time_to_next_ready().value().value();
    EXPECT_GT(left, lease - std::chrono::seconds(20));
    EXPECT_LE(left, lease);
    std::string replaced;
    EXPECT_TRUE(
        own->queue()
            .commit({claimed->task.id, claimed->task.fence, {.key = "k" + given.task.id.text()}, "{}"}, replaced)
            .value());
  }
}

}  // namespace
}  // namespace decant::database::postgresql
