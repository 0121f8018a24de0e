#pragma once

#include <gtest/gtest.h>

#include <fstream>

#include "base/manual_clock.h"
#include "contract/temporary_folder.h"
#include "database/database.h"
#include "database/sqlite/connection.h"

namespace decant::database::sqlite {

/// A folder for one SQLite file, and the few rows that these tests need.
class SqliteTest : public testing::Test {
 protected:
  static constexpr std::chrono::milliseconds lease{30'000};

  [[nodiscard]] std::string path() const { return (folder_.path() / "decant.db").string(); }
  [[nodiscard]] std::string url() const { return "sqlite://" + path(); }
  Result<std::vector<int>> migrate() { return database::migrate(url(), options_, clock_, logger_); }
  Result<std::unique_ptr<Database>> open() { return open_database(url(), options_, clock_, logger_); }
  std::unique_ptr<Database> make_database() {
    EXPECT_TRUE(migrate());
    auto database = open().value();
    user_.id = tasks::UserId::make(clock_.wall_now());
    user_.name = "ada";
    user_.email = "ada@example.org";
    EXPECT_TRUE(database->users().insert_user(user_));
    return database;
  }
  /// A connection around the adapter.
  std::unique_ptr<Connection> connect(Access access = Access::write) {
    return Connection::open(path(), {access, options_.busy_timeout, 0}, clock_).value();
  }
  tasks::NewTask make_new_task() {
    tasks::NewTask given;
    given.task.id = tasks::TaskId::make(clock_.wall_now());
    given.task.user = user_.id;
    given.task.target = "mp3";
    given.task.max_attempts = 3;
    given.task.media = std::string(600, 'm');
    given.task.source = {"sources/" + given.task.id.text(), 1000, "00ff", "audio/wav", "wav"};
    return given;
  }

  contract::TemporaryFolder folder_{"/dev/shm"};  // in memory, where a flush to disk costs nothing
  ManualClock clock_;
  Logger logger_{LogLevel::error, LogFormat::text};
  DatabaseOptions options_{.busy_timeout = std::chrono::milliseconds(20'000)};
  tasks::User user_;
};

}  // namespace decant::database::sqlite
