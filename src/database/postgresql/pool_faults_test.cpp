#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "contract/postgresql_cluster.h"
#include "database/postgresql/pool.h"

namespace decant::database::postgresql {
namespace {

using contract::PostgresqlCluster;
using contract::PostgresqlSession;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view own_process = "SELECT pg_backend_pid()";
constexpr std::string_view sleep_a_little = "SELECT pg_sleep(0.02)";
constexpr std::string_view sleep_long = "SELECT pg_sleep(60)";

class PostgresqlPoolTest : public testing::Test {
 protected:
  static PoolOptions options_of(const std::string& url) {
    return {.connection = {.url = url}, .size = 2, .wait = milliseconds(20'000)};
  }
  static std::int64_t process_of(Pool& pool) {
    return pool
        .run([](Connection& connection) -> Result<std::int64_t> {
          DECANT_TRY(const Rows rows, connection.query(own_process));
          return rows[0].integer(0);
        })
        .value();
  }
  static Result<void> query(Pool& pool, std::string_view sql) {
    return pool.run([sql](Connection& connection) -> Result<void> {
      DECANT_CHECK(connection.query(sql));
      return {};
    });
  }

  std::string url_ = PostgresqlCluster::shared().make_database();
  PoolOptions options_ = options_of(url_);
  Logger logger_{LogLevel::error, LogFormat::text};
};

TEST_F(PostgresqlPoolTest, OpensNoMoreThanItsSize) {
  Pool pool(options_, logger_);
  std::atomic<bool> is_over = false;
  std::int64_t most = 0;
  std::jthread watcher([&] {
    PostgresqlSession session(url_);
    while (!is_over) {
      const std::string open = session.execute(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'decant'");
      most = std::max<std::int64_t>(most, std::stoi(open));
    }
  });
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        for (int call = 0; call < 5; ++call) EXPECT_TRUE(query(pool, sleep_a_little));
      });
    }
  }
  is_over = true;
  watcher.join();
  EXPECT_EQ(most, 2);
}

TEST_F(PostgresqlPoolTest, IsBusyWhenNoConnectionIsFreeInTime) {
  options_.size = 1;
  options_.wait = milliseconds(20);
  Pool pool(options_, logger_);
  const auto refused = pool.run([&](Connection&) { return query(pool, own_process); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("busy"));
  EXPECT_TRUE(query(pool, own_process));
}

TEST_F(PostgresqlPoolTest, KeepsConnectionsAndDropsThoseWhoseServerHungUp) {
  Pool pool(options_, logger_);
  const std::int64_t first = process_of(pool);
  EXPECT_EQ(process_of(pool), first);
  PostgresqlSession(url_).execute("SELECT pg_terminate_backend(" + std::to_string(first) + ", 5000)");
  EXPECT_NE(process_of(pool), first);
}

TEST_F(PostgresqlPoolTest, KeepsNoConnectionThatACallLeftInATransaction) {
  Pool pool(options_, logger_);
  const std::int64_t first = process_of(pool);
  ASSERT_TRUE(pool.run([](Connection& connection) { return connection.execute_script("BEGIN"); }));
  EXPECT_NE(process_of(pool), first);
}

TEST_F(PostgresqlPoolTest, GivesUpAStatementThatTakesTooLong) {
  options_.connection.statement_timeout = milliseconds(50);
  Pool pool(options_, logger_);
  const std::int64_t first = process_of(pool);
  const auto refused = query(pool, sleep_long);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("57014"));
  EXPECT_EQ(process_of(pool), first) << "the connection is as good as before";
}

TEST_F(PostgresqlPoolTest, WaitsForALockOnlySoLong) {
  PostgresqlSession other(url_);
  other.execute("CREATE TABLE things (x int)");
  other.execute("BEGIN; LOCK TABLE things");
  options_.connection.lock_timeout = milliseconds(50);
  Pool pool(options_, logger_);
  const auto refused = query(pool, "SELECT * FROM things");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("55P03"));
}

// A process that hangs amid a transaction would keep its locks, and every vacuum from its work.
TEST_F(PostgresqlPoolTest, TheServerEndsATransactionWhoseOwnerSaysNothing) {
  options_.connection.idle_transaction_timeout = milliseconds(50);
  const auto connection = Connection::open(options_.connection).value();
  ASSERT_TRUE(connection->execute_script("BEGIN"));
  PostgresqlSession session(url_);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const std::string count_open =
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
      " AND datname = current_database()";
  while (session.execute(count_open) != "0") ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  const auto refused = connection->query(own_process);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(connection->is_idle_and_alive());
}

TEST_F(PostgresqlPoolTest, CallsRecoverFromARestartOfTheServer) {
  PostgresqlCluster cluster;
  options_ = options_of(cluster.url());
  Pool pool(options_, logger_);
  std::atomic<bool> is_over = false;
  std::atomic<int> good = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!is_over) {
        const auto done = query(pool, own_process);
        if (done)
          ++good;
        else
          EXPECT_EQ(done.error().code, ErrorCode::unavailable) << done.error().describe();
      }
    });
  }
  const auto await_good = [&](int more) {
    const int wanted = good + more;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (good < wanted && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(milliseconds(1));
    return good >= wanted;
  };
  EXPECT_TRUE(await_good(50));
  cluster.stop();
  std::this_thread::sleep_for(milliseconds(200));
  cluster.start();
  EXPECT_TRUE(await_good(50));
  is_over = true;
}

TEST_F(PostgresqlPoolTest, SaysThatTheServerIsAwayWithinItsPatience) {
  PostgresqlCluster cluster;
  options_ = options_of(cluster.url());
  options_.wait = milliseconds(100);
  Pool pool(options_, logger_);
  EXPECT_TRUE(query(pool, own_process));
  cluster.stop();
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = query(pool, own_process);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().describe(), Not(HasSubstr(PostgresqlCluster::password())));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(PostgresqlPoolTest, Pitfall17NoErrorShowsThePassword) {
  std::string wrong = url_;
  wrong.replace(wrong.find("p%40ss"), 6, "hunter2");
  const auto refused = Connection::open({.url = wrong});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("authentication"));
  EXPECT_THAT(refused.error().describe(), Not(HasSubstr("hunter2")));
  const auto unreadable = Connection::open({.url = "postgresql://u:hunter2%zz@host/db"});
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(unreadable.error().describe(), Not(HasSubstr("hunter2")));
}

TEST_F(PostgresqlPoolTest, TheUrlSaysHowMuchTlsThereIs) {
  PostgresqlCluster cluster(PostgresqlCluster::Transport::tls);
  constexpr std::string_view is_encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
  const auto encrypted = [&](const std::string& parameters) -> Result<bool> {
    DECANT_TRY(const auto connection, Connection::open({.url = cluster.url() + "?" + parameters}));
    DECANT_TRY(const Rows rows, connection->query(is_encrypted));
    return rows[0].integer(0) != 0;
  };
  const std::string known = "&sslrootcert=" + cluster.certificate();
  EXPECT_FALSE(encrypted("sslmode=disable").value());
  EXPECT_TRUE(encrypted("sslmode=prefer").value());
  EXPECT_TRUE(encrypted("sslmode=require").value());
  EXPECT_TRUE(encrypted("sslmode=verify-ca" + known).value());
  EXPECT_TRUE(encrypted("sslmode=verify-full" + known).value());

  PostgresqlCluster other(PostgresqlCluster::Transport::tls);
  const std::string unknown = "&sslrootcert=" + other.certificate();
  for (const std::string mode : {"verify-ca", "verify-full"}) {
    const auto refused = encrypted("sslmode=" + mode + unknown);
    ASSERT_FALSE(refused) << mode;
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_THAT(refused.error().detail, HasSubstr("certificate"));
  }
  std::string elsewhere = cluster.url();
  elsewhere.replace(elsewhere.find("127.0.0.1"), 9, "localhost");
  EXPECT_TRUE(Connection::open({.url = elsewhere + "?sslmode=verify-ca" + known}));
  EXPECT_FALSE(Connection::open({.url = elsewhere + "?sslmode=verify-full" + known})) << "not its name";
  EXPECT_FALSE(Connection::open({.url = PostgresqlCluster::shared().url() + "?sslmode=require"})) << "has no TLS";
}

}  // namespace
}  // namespace decant::database::postgresql
