#include "database/sqlite/connection.h"

#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "database/sqlite/error.h"

namespace decant::database::sqlite {
namespace {

constexpr ByteCount page_size = 4096;

void now_ms(sqlite3_context* context, int /*count*/, sqlite3_value** /*values*/) {
  const auto* clock = static_cast<const Clock*>(sqlite3_user_data(context));
  sqlite3_result_int64(context, clock->wall_now().time_since_epoch().count());
}

int open_flags(Access access) {
  // No mutex: one thread at a time is the contract of Connection.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  return access == Access::create ? flags | SQLITE_OPEN_CREATE : flags;
}

// SQLite's own handler sleeps up to 100 ms, and so whoever waits is overtaken by busier processes: measured with four
// of them, the longest wait fell from 2.4 s to 0.3 s.
int wait_for_lock(void* patience, int waits) {
  constexpr std::chrono::milliseconds pause{1};
  if (pause * waits >= *static_cast<const std::chrono::milliseconds*>(patience)) return 0;
  std::this_thread::sleep_for(pause);
  return 1;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, const ConnectionOptions& options,
                                                     const Clock& clock) {
  std::error_code ignored;
  const bool exists = std::filesystem::exists(path, ignored);
  if (!exists && options.access != Access::create) {
    return failure(ErrorCode::not_found, "There is no database yet: run `decant migrate`.", path);
  }
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, open_flags(options.access), nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, options.busy_timeout));
  if (code != SQLITE_OK) return sqlite_failure(handle, code, "open " + path);
  // It will hold password hashes. SQLite gives the files beside it (-wal, -shm) the same mode.
  if (!exists && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0)
    return system_failure(errno, "protect the database", path);
  DECANT_CHECK(connection->configure(options, clock));
  return connection;
}

Result<void> Connection::configure(const ConnectionOptions& options, const Clock& clock) {
  sqlite3_busy_handler(handle_.get(), wait_for_lock, &busy_timeout_);
  // A hostile database file must not call it from its schema.
  constexpr int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
  const int code = sqlite3_create_function_v2(handle_.get(), "now_ms", 0, flags, const_cast<Clock*>(&clock), now_ms,
                                              nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_failure(handle_.get(), code, "register the clock");
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (options.access == Access::alone) {
    // Every connection in WAL mode holds a shared lock on the file for as long as it is open. Before the first read.
    DECANT_CHECK(execute_script("PRAGMA locking_mode = EXCLUSIVE"));
  }
  DECANT_CHECK(execute_script("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"));
  if (options.access == Access::read) {
    DECANT_CHECK(execute_script("PRAGMA query_only = ON"));
  } else {
    DECANT_CHECK(enter_wal());
  }
  if (options.max_size > 0) {
    DECANT_CHECK(execute_script(fmt::format("PRAGMA max_page_count = {}", options.max_size / page_size)));
  }
  return {};
}

Result<void> Connection::enter_wal() {
  // Two that enter at once deadlock, which SQLite answers with BUSY without waiting: so one has to step back and come
  // again.
  constexpr std::chrono::milliseconds pause{5};
  const auto deadline = std::chrono::steady_clock::now() + busy_timeout_;
  for (;;) {
    const Result<std::string> mode = [this]() -> Result<std::string> {
      DECANT_TRY(Statement statement, prepare("PRAGMA journal_mode = WAL"));
      DECANT_CHECK(statement.step());
      return statement.text(0);
    }();
    if (mode && *mode == "wal") return {};
    if (mode) return failure(ErrorCode::internal, "The database's file system has no shared memory, which WAL needs.");
    if (mode.error().code != ErrorCode::unavailable || std::chrono::steady_clock::now() > deadline) {
      return Failure(mode.error());
    }
    std::this_thread::sleep_for(pause);
  }
}

Result<Statement> Connection::prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return sqlite_failure(handle_.get(), code, sql);
    found = statements_.emplace(sql, statement).first;
  }
  return Statement(found->second.get());
}

Result<void> Connection::execute_script(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_failure(handle_.get(), code, sql);
  return {};
}

bool Connection::is_in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_.get()); }

Result<Transaction> Transaction::begin_write(Connection& connection) {
  DECANT_CHECK(connection.change("BEGIN IMMEDIATE"));
  return Transaction(connection);
}

Result<Transaction> Transaction::begin_read(Connection& connection) {
  DECANT_CHECK(connection.change("BEGIN DEFERRED"));
  return Transaction(connection);
}

Transaction::~Transaction() {
  // After some errors (full disk, out of memory) SQLite has rolled back by itself.
  if (connection_ != nullptr && connection_->is_in_transaction()) (void)connection_->change("ROLLBACK");
}

Result<void> Transaction::commit() {
  DECANT_CHECK(connection_->change("COMMIT"));
  connection_ = nullptr;
  return {};
}

}  // namespace decant::database::sqlite
