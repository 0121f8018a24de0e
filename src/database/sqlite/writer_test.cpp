#include "database/sqlite/writer.h"

#include <atomic>
#include <thread>

#include "database/sqlite/sqlite_fixture.h"

namespace decant::database::sqlite {
namespace {

class WriterTest : public SqliteTest {
 protected:
  WriterTest() { EXPECT_TRUE(connect(Access::create)->execute_script("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")); }
  static Result<void> insert(Connection& connection, int number) {
    DECANT_CHECK(connection.change("INSERT INTO numbers VALUES (?1)", number));
    return {};
  }
  std::int64_t ask(std::string_view sql) {
    const auto connection = connect(Access::read);
    Statement statement = connection->prepare(sql).value();
    EXPECT_TRUE(statement.step().value());
    return statement.integer(0);
  }
};

TEST_F(WriterTest, UndoesWhatFailedAndOnlyThat) {
  Writer writer(connect(), 64);
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 50; ++i) {
          const int number = thread * 1000 + i;
          const auto written = writer.run([&](Connection& connection) -> Result<int> {
            DECANT_CHECK(insert(connection, number));
            if (number % 3 == 0) return failure(ErrorCode::not_found, "a third of them");
            return number;
          });
          if (written)
            EXPECT_EQ(*written, number);
          else
            ++failures;
        }
      });
    }
  }
  EXPECT_EQ(ask("SELECT count(*) FROM numbers"), 8 * 50 - failures);
  EXPECT_EQ(ask("SELECT count(*) FROM numbers WHERE n % 3 = 0"), 0);
}

TEST_F(WriterTest, AnExceptionReachesItsOwnerAndUndoesItsWork) {
  Writer writer(connect(), 64);
  const auto throwing = [](Connection& connection) -> Result<void> {
    DECANT_CHECK(insert(connection, 1));
    throw std::bad_alloc();
  };
  EXPECT_THROW((void)writer.run(throwing), std::bad_alloc);
  EXPECT_TRUE(writer.run([](Connection& connection) { return insert(connection, 2); }));
  EXPECT_EQ(ask("SELECT sum(n) FROM numbers"), 2);
}

TEST_F(WriterTest, ALostTransactionIsToldToAll) {
  Writer writer(connect(), 64);
  const auto lost = writer.run([](Connection& connection) -> Result<void> {
    DECANT_CHECK(insert(connection, 1));
    DECANT_CHECK(connection.change("ROLLBACK"));
    return failure(ErrorCode::quota_exceeded, "as SQLite does when the disk is full");
  });
  EXPECT_EQ(lost.error().code, ErrorCode::quota_exceeded);
  EXPECT_TRUE(writer.run([](Connection& connection) { return insert(connection, 2); }));
  EXPECT_EQ(ask("SELECT sum(n) FROM numbers"), 2);
}

TEST_F(WriterTest, ReadersCannotWrite) {
  EXPECT_FALSE(connect(Access::read)->change("INSERT INTO numbers VALUES (1)"));
}

}  // namespace
}  // namespace decant::database::sqlite
