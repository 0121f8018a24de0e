#include "database/sqlite/sqlite_fixture.h"

namespace decant::database::sqlite {
namespace {

class OutboxTest : public SqliteTest {};

TEST_F(OutboxTest, StaysEmptyWhereTheDatabaseIsTheBroker) {
  const auto database = make_database();
  ASSERT_TRUE(database->tasks().insert_task(make_new_task()));
  EXPECT_EQ(database->sweep().ring_again(std::chrono::milliseconds(0), 10).value(), 0);
  EXPECT_THAT(database->outbox().take(10, lease).value(), testing::IsEmpty());
}

// Tasks that were waiting when the operator changed over to a broker.
TEST_F(OutboxTest, RingsForWhatWasThereBefore) {
  ASSERT_TRUE(make_database()->tasks().insert_task(make_new_task()));
  options_.ring_by_outbox = true;
  const auto database = open().value();
  EXPECT_EQ(database->sweep().ring_again(std::chrono::milliseconds(0), 10).value(), 1);
  EXPECT_EQ(database->outbox().take(10, lease).value().size(), 1);
}

}  // namespace
}  // namespace decant::database::sqlite
