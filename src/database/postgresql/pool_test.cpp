#include "database/postgresql/pool.h"

#include <gtest/gtest.h>

#include <thread>

#include "database/postgresql/postgresql_fixture.h"

namespace decant::database::postgresql {
namespace {

using namespace std::chrono_literals;

class PoolTest : public testing::Test {
 protected:
  /// Ends all other sessions of the database, as a server does that restarts.
  void end_sessions() {
    session_.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }

  std::string url_ = contract::PostgresqlCluster::shared().make_database();
  contract::PostgresqlSession session_{url_};
  Logger logger_{LogLevel::error, LogFormat::text};
  Pool pool_{{.connection = {.url = url_}, .size = 2, .wait = 20s}, logger_};
};

Result<void> ask(Connection& connection) { return connection.execute_script("SELECT 1"); }

TEST_F(PoolTest, GivesNobodyASessionThatTheServerEnded) {
  for (int restart = 0; restart < 10; ++restart) {
    ASSERT_TRUE(pool_.run([&](Connection& first) -> Result<void> {
      DECANT_CHECK(ask(first));
      return pool_.run(ask);  // so that two are idle then
    }));
    end_sessions();
    const auto answer = pool_.run(ask);
    EXPECT_TRUE(answer) << answer.error().describe();
  }
}

TEST_F(PoolTest, ReadsAgainWhenTheServerHungUpInTheMiddle) {
  int reads = 0;
  const auto interrupted = [&](Connection& connection) {
    if (++reads == 1) end_sessions();
    return ask(connection);
  };
  EXPECT_TRUE(pool_.read(interrupted));
  EXPECT_EQ(reads, 2);
  reads = 0;
  EXPECT_EQ(pool_.run(interrupted).error().code, ErrorCode::unavailable) << "what may change something is not repeated";
  EXPECT_EQ(reads, 1);
}

TEST_F(PoolTest, TrustsNoOtherIdleSessionWhenOneWasEnded) {
  const auto count = [&] {
    return session_.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
  };
  const auto ended = pool_.run([&](Connection& first) -> Result<void> {
    DECANT_CHECK(pool_.run(ask));
    return first.execute_script("SELECT pg_terminate_backend(pg_backend_pid())");
  });
  EXPECT_EQ(ended.error().code, ErrorCode::unavailable);
  for (int looks = 0; looks < 500 && count() != "0"; ++looks) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(count(), "0");
  EXPECT_TRUE(pool_.run(ask));
}

TEST_F(PoolTest, AnErrorOfTheStatementIsNotReadAgain) {
  int reads = 0;
  EXPECT_FALSE(pool_.read([&](Connection& connection) {
    ++reads;
    return connection.execute_script("SELECT * FROM nowhere");
  }));
  EXPECT_EQ(reads, 1);
}

TEST_F(PoolTest, WhoAsksSoonDoesNotWaitForLong) {
  const auto busy =
      pool_.run([&](Connection&) { return pool_.run([&](Connection&) { return pool_.run_soon(ask, 10ms); }); });
  EXPECT_EQ(busy.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace decant::database::postgresql
