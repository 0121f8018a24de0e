#include "database/transfer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "database/postgresql/postgresql_fixture.h"
#include "database/sqlite/sqlite_fixture.h"

namespace decant::database {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A row as "column=value" lines, values as both databases can tell them.
using Table = std::vector<std::string>;

class TransferTest : public sqlite::SqliteTest {
 protected:
  Result<Transferred> transfer() { return database::transfer(url(), target_, options_, clock_, logger_); }
  std::string execute(const std::string& sql) { return contract::PostgresqlSession(target_).execute(sql); }

  /// Two users and a task of each kind, with every column set somewhere.
  void fill() {
    auto database = make_database();
    tasks::User other = user_;
    other.id = tasks::UserId::make(clock_.wall_now());
    other.name = "Grace \"H\" \\ O'Neil";
    other.email = "grace@example.org";
    other.password_hash = "$argon2id$v=19$m=8,t=1\\t$";
    other.created = clock_.wall_now();
    ASSERT_TRUE(database->users().insert_user(other));
    ASSERT_TRUE(database->users().disable_user(other.id));

    const auto insert = [&](const std::string& key = {}) {
      tasks::NewTask given = make_new_task();
      given.task.name = "tab\t line\n back\\slash \\N \r\x01\xff\xfe \xe2\x82\xac.wav";
      given.task.options.bitrate = 192'000;
      given.task.cover = tasks::Cover{77, "ab12"};
      given.task.trace = TraceContext::begin();
      given.idempotency_key = key;
      clock_.advance(std::chrono::milliseconds(3));
      return database->tasks().insert_task(given).value();
    };
    const auto claim = [&] {
      return database->queue().claim({.wanted = {}, .worker = "host:1", .lease = lease}).value().value().task;
    };
    const auto commit = [&](const tasks::Task& task) {
      std::string replaced;
      ASSERT_TRUE(database->queue()
                      .commit({task.id,
                               task.fence,
                               {"results/" + task.id.text(), 300, "11ee", "audio/mpeg", "mp3"},
                               R"({"notes":["\n"]})"},
                              replaced)
                      .value());
    };
    insert("key \\ 1");
    commit(claim());
    const tasks::Task again = insert();
    commit(claim());
    ASSERT_TRUE(database->tasks().reconvert({again.id, again.user, "flac", {}, 5}));
    ASSERT_TRUE(database->queue().heartbeat(again.id, claim().fence, lease, 1.0 / 3).value());
    insert();
    const tasks::Task failed = claim();
    ASSERT_TRUE(
        database->queue().fail(failed.id, failed.fence, {ErrorCode::unprocessable, "it\tbroke\xff"}, {}).value());
    insert();
    const tasks::Task retried = claim();
    ASSERT_TRUE(database->queue().fail(retried.id, retried.fence, {ErrorCode::unavailable, "away"}, lease).value());
    ASSERT_TRUE(database->tasks().cancel_task(insert().id, user_.id).value());
    insert("key 2");
    for (int i = 0; i < 3; ++i) insert();
    processing_ = again;
    ASSERT_TRUE(
        connect()->execute_script("INSERT INTO direct_uploads SELECT '0190a5c0-0000-7000-8000-000000000001', id, 5, "
                                  "'a\tb', 'mp3', '{}', 'sources/d', 900, "
                                  "'22', 6, 7 FROM users WHERE name = 'ada'"));
  }

  static std::string order_of(const CopiedTable& table) { return std::string(table.key.empty() ? "id" : table.key); }
  /// All rows of SQLite as they are to be found in PostgreSQL.
  Table read_source(const CopiedTable& table) {
    const auto connection = connect();
    std::string columns;
    for (const CopiedColumn& column : table.columns) {
      const std::string value(column.source.empty() ? column.name : column.source);
      const bool is_text = column.kind == CopiedColumn::Kind::text || column.kind == CopiedColumn::Kind::bytes;
      columns += (columns.empty() ? "" : " || ' ' || ") + std::string("'") + std::string(column.name) +
                 "=' || ifnull(" +
                 (is_text ? "CASE WHEN " + value + " IS NOT NULL THEN lower(hex(" + value + ")) END"
                          : "cast(" + value + " AS text)") +
                 ", 'NULL')";
    }
    const std::string sql = "SELECT " + columns + " FROM " + std::string(table.name) + " ORDER BY " + order_of(table);
    sqlite::Statement rows = connection->prepare(sql).value();
    Table found;
    while (rows.step().value()) found.push_back(rows.text(0));
    return found;
  }
  Table read_target(const CopiedTable& table) {
    std::string columns;
    for (const CopiedColumn& column : table.columns) {
      const std::string name(column.name);
      std::string value = name + "::text";
      if (column.kind == CopiedColumn::Kind::bytes) value = "encode(" + name + ", 'hex')";
      if (column.kind == CopiedColumn::Kind::text) value = "encode(convert_to(" + name + "::text, 'UTF8'), 'hex')";
      if (name == "disabled") value = "disabled::int::text";
      columns +=
          (columns.empty() ? "" : " || ' ' || ") + std::string("'") + name + "=' || coalesce(" + value + ", 'NULL')";
    }
    const std::string lines = execute("SELECT string_agg(row, E'\\n' ORDER BY place) FROM (SELECT " + columns +
                                      " AS row, row_number() OVER (ORDER BY " + order_of(table) + ") AS place FROM " +
                                      std::string(table.name) + ") AS rows");
    Table found;
    std::istringstream text(lines);
    for (std::string line; std::getline(text, line);) found.push_back(line);
    return found;
  }

  std::string target_ = contract::PostgresqlCluster::shared().make_database();
  tasks::Task processing_;
};

TEST_F(TransferTest, MovesEveryColumnOfEveryRow) {
  options_.ring_by_outbox = true;
  fill();
  const auto moved = transfer();
  ASSERT_TRUE(moved) << moved.error().describe();
  EXPECT_EQ(moved->users, 2);
  EXPECT_EQ(moved->tasks, 9);
  EXPECT_GE(moved->rings, 9);
  for (const CopiedTable& table : copied_tables()) {
    Table source = read_source(table);
    Table target = read_target(table);
    if (table.name == "tasks") {
      // SQLite writes 1.0 and 0.333333333333333, PostgreSQL 1 and 0.3333333333333333.
      for (Table* rows : {&source, &target}) {
        for (std::string& row : *rows) {
          const auto at = row.find(" progress=") + 10;
          row.replace(at, row.find(' ', at) - at, fmt::format("{:.6f}", std::stod(row.substr(at))));
        }
      }
    }
    EXPECT_FALSE(source.empty()) << table.name;
    EXPECT_EQ(source, target) << table.name;
  }
  EXPECT_EQ(execute("SELECT progress FROM tasks WHERE state = 'PROCESSING'"), "0.3333333333333333");
}

// A column that a later migration adds is to be moved, too, or computed.
TEST_F(TransferTest, LeavesNoColumnOut) {
  ASSERT_TRUE(migrate());
  ASSERT_TRUE(database::migrate(target_, options_, clock_, logger_));
  const auto connection = connect();
  std::set<std::string> tables;
  for (const CopiedTable& table : copied_tables()) {
    const std::string name(table.name);
    tables.insert(name);
    std::set<std::string> copied;
    std::string list;
    for (const CopiedColumn& column : table.columns) copied.insert(std::string(column.name));
    const auto is_known = [&](const std::string& column) {
      return copied.contains(column) || column == "stored_bytes" || column == "change";
    };
    const std::string sql = "SELECT name FROM pragma_table_info('" + name + "')";
    sqlite::Statement columns = connection->prepare(sql).value();
    while (columns.step().value()) EXPECT_TRUE(is_known(columns.text(0))) << name << "." << columns.text(0);
    std::istringstream theirs(
        execute("SELECT string_agg(column_name, ' ') FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = '" +
                name + "'"));
    for (std::string column; theirs >> column;) EXPECT_TRUE(is_known(column)) << name << "." << column;
  }
  tables.insert("schema_version");
  std::istringstream theirs(execute("SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'"));
  for (std::string table; theirs >> table;) EXPECT_TRUE(tables.contains(table)) << table;
}

TEST_F(TransferTest, TheServiceGoesOnThere) {
  fill();
  ASSERT_TRUE(transfer());
  const auto database = open_database(target_, options_, clock_, logger_).value();
  EXPECT_TRUE(database->check());
  const auto checked = database->check_integrity();
  EXPECT_TRUE(checked) << checked.error().describe();
  const auto source = open().value();
  EXPECT_EQ(database->tasks().list_tasks({.user = user_.id}).value().size(),
            source->tasks().list_tasks({.user = user_.id}).value().size());

  // The key stands for the same task; a new one comes behind the others.
  EXPECT_EQ(execute("SELECT max(sequence) FROM tasks"), "9");
  const auto task = database->tasks().insert_task(make_new_task());
  ASSERT_TRUE(task) << task.error().describe();
  EXPECT_EQ(execute("SELECT max(sequence) FROM tasks"), "10");
  EXPECT_TRUE(database->check_integrity()) << "storage is counted again";
}

// Whoever converted it is gone: the attempt stays spent, as after any death of a worker, and nobody waits for the
// lease.
TEST_F(TransferTest, AConversionThatWasCutOffIsFreeAtOnce) {
  fill();
  ASSERT_TRUE(transfer());
  EXPECT_EQ(execute("SELECT fence || ' ' || attempts || ' ' || (lease_until <= now_ms()) FROM tasks WHERE state = "
                    "'PROCESSING'"),
            "3 1 true");
  const auto database = open_database(target_, options_, clock_, logger_).value();
  const auto claimed =
      database->queue().claim({.wanted = tasks::TaskRef{processing_.id, 2}, .worker = "w", .lease = lease}).value();
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->task.attempts, 2);
  EXPECT_GT(claimed->task.fence, 3);
}

TEST_F(TransferTest, IsRefusedWhileAnybodyHasTheSourceOpen) {
  fill();
  options_.busy_timeout = std::chrono::milliseconds(20);
  {
    const auto running = open().value();  // idle, as a service at night
    const auto refused = transfer();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("stop every decant"));
    EXPECT_EQ(execute("SELECT to_regclass('tasks') IS NULL"), "t") << "the target was not touched";
    EXPECT_TRUE(running->tasks().insert_task(make_new_task())) << "and the service did not notice";
  }
  EXPECT_TRUE(transfer());
}

TEST_F(TransferTest, IsRefusedIntoWhatIsNotEmpty) {
  fill();
  ASSERT_TRUE(transfer());
  const std::string before = execute("SELECT count(*) FROM tasks");
  const auto refused = transfer();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("not empty"));
  EXPECT_EQ(execute("SELECT count(*) FROM tasks"), before);
}

TEST_F(TransferTest, LeavesNothingBehindWhenItFails) {
  fill();
  // A name that PostgreSQL cannot hold.
  ASSERT_TRUE(connect()->execute_script("UPDATE users SET name = CAST(x'fffe' AS text) WHERE email LIKE 'grace%'"));
  const auto refused = transfer();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().describe(), HasSubstr("22021"));
  ASSERT_TRUE(connect()->execute_script("UPDATE users SET name = 'grace' WHERE email LIKE 'grace%'"));
  EXPECT_EQ(execute("SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM tasks)"), "0");
  const auto moved = transfer();
  EXPECT_TRUE(moved) << moved.error().describe();
}

TEST_F(TransferTest, MovesAnEmptyDatabase) {
  ASSERT_TRUE(migrate());
  EXPECT_EQ(transfer().value().tasks, 0);
  const auto database = open_database(target_, options_, clock_, logger_).value();
  ASSERT_TRUE(database->users().insert_user({.id = tasks::UserId::make(clock_.wall_now()), .name = "n", .email = "e"}));
}

TEST_F(TransferTest, IsRefusedForOtherKindsAndForNewerSchemas) {
  ASSERT_TRUE(migrate());
  for (const auto& [from, to] : {std::pair(target_, url()), std::pair(url(), url()), std::pair(target_, target_)}) {
    const auto refused = database::transfer(from, to, options_, clock_, logger_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(refused.error().message, HasSubstr("sqlite:///"));
    EXPECT_THAT(refused.error().describe(), Not(HasSubstr("p%40ss")));
  }
  EXPECT_EQ(database::transfer(url() + "x", target_, options_, clock_, logger_).error().code, ErrorCode::not_found);
  ASSERT_TRUE(connect()->execute_script("INSERT INTO schema_version VALUES (99, 'future', 0)"));
  EXPECT_EQ(transfer().error().code, ErrorCode::conflict);
}

/// The resident set's high-water mark of this process, in KiB.
long peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

TEST_F(TransferTest, MemoryDoesNotGrowWithTheDatabase) {
  make_database();
  ASSERT_TRUE(connect()->execute_script(R"sql(
    INSERT INTO tasks (id, user_id, created, updated, name, target, options, state, generation, fence, attempts,
                       max_attempts, not_before, progress, media, source_key, source_size, source_sha256,
                       source_mime_type, source_extension)
      WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 10000)
      SELECT printf('00000000-0000-7000-8000-%012d', i), (SELECT id FROM users), i, i, 'n', 'mp3', '{}', 'CANCELED', 1,
             1, 1, 3, 0, 0, printf('%.2000c', 'm'), 'sources/' || i, 1, '', '', '' FROM numbers)sql"));
  const long before = peak_memory();
  ASSERT_EQ(transfer().value().tasks, 10'000);
  EXPECT_LT(peak_memory() - before, 10 * 1024) << "KiB, for 20 MB of rows";
}

}  // namespace
}  // namespace decant::database
