// ccache:disable (4.7 does not see the files that #embed reads)
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "database/sqlite/sqlite_fixture.h"

namespace decant::database::sqlite {
namespace {

constexpr char initial[] = {
#embed "../migrations/sqlite/0001_initial.sql"
};

class MigrationsTest : public SqliteTest {};

TEST_F(MigrationsTest, MakesTheDatabaseOnceForItsOwnerOnly) {
  EXPECT_THAT(migrate().value(), testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(migrate().value(), testing::IsEmpty());
  struct stat status{};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600);
  EXPECT_TRUE(open().value()->check());
  EXPECT_TRUE(open().value()->check_integrity());
}

TEST_F(MigrationsTest, TenStartAtOnce) {
  for (int round = 0; round < 5; ++round) {
    const contract::TemporaryFolder folder("/dev/shm");
    const std::string one = "sqlite://" + (folder.path() / "decant.db").string();
    std::atomic<std::size_t> applied = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 10; ++i) {
        threads.emplace_back([&] {
          const auto versions = database::migrate(one, options_, clock_, logger_);
          ASSERT_TRUE(versions) << versions.error().describe();
          applied += versions->size();
          const auto opened = open_database(one, options_, clock_, logger_);
          ASSERT_TRUE(opened) << opened.error().describe();
          EXPECT_TRUE(opened.value()->check());
        });
      }
    }
    EXPECT_EQ(applied, 6);
  }
}

TEST_F(MigrationsTest, RefusesAMissingDatabase) {
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::not_found);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("decant migrate"));
}

TEST_F(MigrationsTest, RefusesAnOlderSchema) {
  connect(Access::create);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::conflict);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("decant migrate"));
}

TEST_F(MigrationsTest, RefusesANewerSchema) {
  ASSERT_TRUE(migrate());
  ASSERT_TRUE(connect()->execute_script("INSERT INTO schema_version VALUES (99, 'future', 0)"));
  for (const Error& error : {open().error(), migrate().error()}) {
    EXPECT_EQ(error.code, ErrorCode::conflict);
    EXPECT_THAT(error.message, testing::HasSubstr("99"));
    EXPECT_THAT(error.message, testing::HasSubstr("install"));
  }
}

TEST_F(MigrationsTest, NoticesASchemaThatChangesUnderneath) {
  const auto database = make_database();
  ASSERT_TRUE(connect()->execute_script("INSERT INTO schema_version VALUES (99, 'future', 0)"));
  EXPECT_EQ(database->check().error().code, ErrorCode::conflict);
}

TEST_F(MigrationsTest, LeavesNothingHalfDone) {
  // A table in the way makes the migration fail in its middle.
  ASSERT_TRUE(connect(Access::create)->execute_script("CREATE TABLE tasks (x)"));
  EXPECT_FALSE(migrate());
  ASSERT_TRUE(connect()->execute_script("DROP TABLE tasks"));
  EXPECT_THAT(migrate().value(), testing::ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(MigrationsTest, KeepsWhatAnOlderSchemaHeld) {
  {
    const auto connection = connect(Access::create);
    ASSERT_TRUE(connection->execute_script(std::string(initial, sizeof initial)));
    ASSERT_TRUE(connection->execute_script(R"sql(
      CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT;
      INSERT INTO schema_version VALUES (1, 'initial', 0);
      INSERT INTO users VALUES ('u', 'ada', 'a@example.org', '', 0, 0, 0, 0);
      INSERT INTO tasks (id, user_id, created, updated, name, target, options, state, generation, fence, attempts,
                         max_attempts, not_before, progress, media, source_key, source_size, source_sha256,
                         source_mime_type, source_extension)
        VALUES ('t', 'u', 0, 0, 'n', 'mp3', '{}', 'UPLOADED', 1, 0, 0, 3, 0, 0, '{}', 'k', 600, '', '', '');)sql"));
  }
  EXPECT_THAT(migrate().value(), testing::ElementsAre(2, 3, 4, 5, 6));
  const auto connection = connect();
  ASSERT_TRUE(connection->execute_script("UPDATE tasks SET cover_size = 30, cover_sha256 = 'ff'"));
  Statement statement = connection->prepare("SELECT stored_bytes FROM users").value();
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(statement.integer(0), 630);
}

TEST_F(MigrationsTest, RefusesWhatIsNoDatabase) {
  std::ofstream(path()) << std::string(8192, 'x');
  const auto migrated = migrate();
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().code, ErrorCode::internal);
  EXPECT_THAT(migrated.error().message, testing::HasSubstr("damaged"));
  EXPECT_THAT(migrated.error().message, testing::Not(testing::HasSubstr(path())));
  EXPECT_THAT(migrated.error().detail, testing::HasSubstr(path()));
}

TEST_F(MigrationsTest, NamesWhatIsWrongWithAnUrl) {
  for (const std::string url : {"", "decant.db", "sqlite://", "oracle://scott:tiger@host", "SQLITE:///x"}) {
    const auto opened = open_database(url, options_, clock_, logger_);
    ASSERT_FALSE(opened) << url;
    EXPECT_EQ(opened.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(opened.error().message, testing::HasSubstr("sqlite:///"));
    EXPECT_THAT(opened.error().describe(), testing::Not(testing::HasSubstr("tiger")));
    EXPECT_FALSE(database::migrate(url, options_, clock_, logger_));
  }
}

}  // namespace
}  // namespace decant::database::sqlite
