#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>

#include "database/sqlite/sqlite_fixture.h"

namespace decant::database::sqlite {
namespace {

/// What the disk, other processes and sudden death do to the database.
class FaultsTest : public SqliteTest {};

/// No file of this process may grow beyond so many bytes while this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit lowered{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lowered);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(FaultsTest, AFullDiskIsToldAndGetsOver) {
  const auto database = make_database();
  const tasks::NewTask kept = make_new_task();
  ASSERT_TRUE(database->tasks().insert_task(kept));
  {
    const FileSizeLimit limit(16'384);  // the log is longer already
    const auto refused = database->tasks().insert_task(make_new_task());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::quota_exceeded) << refused.error().describe();
    EXPECT_THAT(refused.error().message, testing::Not(testing::HasSubstr("/")));
    EXPECT_TRUE(database->tasks().find_task(kept.task.id, user_.id).value());
  }
  EXPECT_TRUE(database->tasks().insert_task(make_new_task()));
  EXPECT_EQ(database->stats().queue_stats().value().ready, 2);
  EXPECT_TRUE(database->check_integrity());
}

TEST_F(FaultsTest, AFullDatabaseIsToldAndGetsOver) {
  options_.max_size = 256 * 1024;
  const auto database = make_database();
  int inserted = 0;
  for (;; ++inserted) {
    const auto result = database->tasks().insert_task(make_new_task());
    if (result) continue;
    EXPECT_EQ(result.error().code, ErrorCode::quota_exceeded);
    break;
  }
  EXPECT_GT(inserted, 10);
  EXPECT_EQ(database->stats().queue_stats().value().ready, inserted);
  options_.max_size = 0;
  const auto roomy = open().value();
  EXPECT_TRUE(roomy->tasks().insert_task(make_new_task()));
  EXPECT_TRUE(roomy->check_integrity());
}

TEST_F(FaultsTest, ALockedDatabaseIsUnavailableUntilItIsFree) {
  options_.busy_timeout = std::chrono::milliseconds(5);
  const auto database = make_database();
  const auto other = connect();
  {
    const auto lock = Transaction::begin_write(*other);
    ASSERT_TRUE(lock);
    const auto refused = database->tasks().insert_task(make_new_task());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(database->check()) << "reading goes on";
  }
  EXPECT_TRUE(database->tasks().insert_task(make_new_task()));
}

TEST_F(FaultsTest, DamageIsFound) {
  {
    const auto database = make_database();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(database->tasks().insert_task(make_new_task()));
  }
  constexpr int page_size = 4096;
  const auto size = static_cast<int>(std::filesystem::file_size(path()));
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 1; page <= 10; ++page) {
    file.seekp(size - page * page_size);
    file << std::string(page_size, '\x5a');
  }
  file.close();
  const auto checked = open().value()->check_integrity();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::internal);
  EXPECT_EQ(checked.error().message, "The database is damaged.");
  EXPECT_FALSE(checked.error().detail.empty());
}

TEST_F(FaultsTest, StorageThatDoesNotAddUpIsFound) {
  const auto database = make_database();
  ASSERT_TRUE(database->tasks().insert_task(make_new_task()));
  ASSERT_TRUE(connect()->execute_script("UPDATE users SET stored_bytes = stored_bytes + 1"));
  EXPECT_THAT(database->check_integrity().error().detail,
              testing::HasSubstr("1001 bytes on account and 1000 in tasks"));
}

TEST_F(FaultsTest, WhatWasAcknowledgedSurvivesKill9) {
  make_database().reset();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Descriptor receiver(ends[0]);
  Descriptor sender(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto database = open().value();
    for (;;) {
      const auto task = database->tasks().insert_task(make_new_task());
      const std::string id = task ? task->id.text() : std::string(36, 'x');
      if (::write(sender.get(), id.data(), id.size()) < 0) ::_exit(1);
    }
  }
  sender.close();
  std::vector<tasks::TaskId> acknowledged;
  std::array<char, 36> id{};
  const auto receive = [&] {
    if (::read(receiver.get(), id.data(), id.size()) != static_cast<ssize_t>(id.size())) return false;
    acknowledged.push_back(tasks::TaskId::parse({id.data(), id.size()}).value());
    return true;
  };
  while (acknowledged.size() < 20 && receive()) continue;
  ::kill(child, SIGKILL);
  while (receive()) continue;
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);

  ASSERT_GE(acknowledged.size(), 20);
  const auto database = open().value();
  for (const tasks::TaskId& task : acknowledged) EXPECT_TRUE(database->tasks().find_task(task, user_.id).value());
  EXPECT_TRUE(database->check_integrity());
  EXPECT_TRUE(database->queue().claim({.wanted = {}, .worker = "w", .lease = lease}).value());
}

}  // namespace
}  // namespace decant::database::sqlite
