#include "database/postgresql/migrations.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "database/postgresql/postgresql_fixture.h"

namespace decant::database::postgresql {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class PostgresqlMigrationsTest : public testing::Test {
 protected:
  Result<std::vector<int>> migrate() { return database::migrate(url_, {}, clock_, logger_); }
  Result<std::unique_ptr<Database>> open() { return open_database(url_, {}, clock_, logger_); }
  std::string execute(const std::string& sql) { return contract::PostgresqlSession(url_).execute(sql); }

  std::string url_ = contract::PostgresqlCluster::shared().make_database();
  SystemClock clock_;
  Logger logger_{LogLevel::error, LogFormat::text};
};

TEST_F(PostgresqlMigrationsTest, MakeTheSchemaOnce) {
  EXPECT_THAT(migrate().value(), Not(IsEmpty()));
  EXPECT_THAT(migrate().value(), IsEmpty());
  EXPECT_TRUE(open().value()->check());
  EXPECT_TRUE(open().value()->check_integrity());
}

TEST_F(PostgresqlMigrationsTest, TenProcessesStartAtOnce) {
  constexpr int processes = 10;
  std::array<int, 2> gate{};
  ASSERT_EQ(::pipe2(gate.data(), O_CLOEXEC), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(gate[1]);
      char nothing = 0;
      (void)!::read(gate[0], &nothing, 1);  // until the last one is there
      const auto applied = migrate();
      if (!applied || !open()) ::_exit(100);
      ::_exit(static_cast<int>(applied->size()));
    }
    children.push_back(child);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  int applied = 0;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    applied += WEXITSTATUS(status);
  }
  EXPECT_EQ(execute("SELECT count(*) FROM schema_version"), std::to_string(applied))
      << "one applied them all, the others waited and found it done";
}

TEST_F(PostgresqlMigrationsTest, AnEmptyDatabaseIsRefusedWithTheRemedy) {
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::conflict);
  EXPECT_THAT(opened.error().message, HasSubstr("decant migrate"));
}

TEST_F(PostgresqlMigrationsTest, ANewerSchemaIsRefusedWithTheRemedy) {
  ASSERT_TRUE(migrate());
  const auto running = open().value();
  execute("INSERT INTO schema_version VALUES (99, 'future')");
  for (const Error& error : {open().error(), migrate().error(), running->check().error()}) {
    EXPECT_EQ(error.code, ErrorCode::conflict);
    EXPECT_THAT(error.message, HasSubstr("99"));
    EXPECT_THAT(error.message, HasSubstr("install"));
  }
  EXPECT_EQ(execute("SELECT max(version) FROM schema_version"), "99") << "nothing was turned back";
}

TEST_F(PostgresqlMigrationsTest, LeaveNothingHalfDone) {
  execute("CREATE TABLE tasks (x int)");  // in the way of the middle
  EXPECT_FALSE(migrate());
  EXPECT_EQ(execute("SELECT to_regclass('users') IS NULL AND to_regclass('schema_version') IS NULL"), "t");
  execute("DROP TABLE tasks");
  EXPECT_THAT(migrate().value(), Not(IsEmpty()));
}

TEST_F(PostgresqlMigrationsTest, WaitForAnotherHoweverLongItTakes) {
  contract::PostgresqlSession other(url_);
  other.execute("BEGIN; SELECT pg_advisory_xact_lock(110386840822388)");
  std::jthread waiting([&] {
    const auto applied = database::migrate(url_, {.busy_timeout = std::chrono::milliseconds(10)}, clock_, logger_);
    EXPECT_TRUE(applied) << applied.error().describe();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(other.execute("SELECT to_regclass('tasks') IS NULL"), "t");
  other.execute("COMMIT");
}

}  // namespace
}  // namespace decant::database::postgresql
