#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/file.h"
#include "database/sqlite/statement.h"

namespace decant::database::sqlite {

enum class Access {
  read,    ///< refuses statements that write
  write,   ///< of a database that is there
  create,  ///< of one that may not be there yet; a new file is readable by its owner only
  alone,   ///< as write, and nobody else has it open, nor can until this connection ends; unavailable while one has
};

struct ConnectionOptions {
  Access access = Access::read;
  std::chrono::milliseconds busy_timeout{};
  ByteCount max_size = 0;  ///< 0: no bound
};

/// One connection to a SQLite file in WAL mode, with synchronous=FULL: what was committed survives a power cut. SQL may
/// call now_ms(), the clock's wall time in milliseconds. One thread at a time; every call blocks.
class Connection {
 public:
  /// not_found when there is no such file (and none is to be made). The clock outlives the connection.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, const ConnectionOptions& options,
                                                  const Clock& clock);

  /// A statement of the cache, prepared at its first use. `sql` must live as long as the connection: a constant.
  Result<Statement> prepare(std::string_view sql);
  /// Runs a statement for its effect and says how many rows it changed, those changed by triggers not counted.
  template <class... Values>
  Result<std::int64_t> change(std::string_view sql, const Values&... values) {
    DECANT_TRY(Statement statement, prepare(sql));
    statement.bind(values...);
    DECANT_CHECK(statement.step());
    return changes();
  }
  /// Runs a text of several statements without values and rows.
  Result<void> execute_script(const std::string& sql);
  [[nodiscard]] bool is_in_transaction() const;
  /// From now on what another holds a lock on is unavailable at once.
  void wait_for_no_lock() { busy_timeout_ = {}; }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  Connection(sqlite3* handle, std::chrono::milliseconds busy_timeout) : busy_timeout_(busy_timeout), handle_(handle) {}
  [[nodiscard]] std::int64_t changes() const;
  Result<void> configure(const ConnectionOptions& options, const Clock& clock);
  Result<void> enter_wal();

  std::chrono::milliseconds busy_timeout_;  // SQLite keeps its address
  std::unique_ptr<sqlite3, Close> handle_;
  std::unordered_map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

/// A transaction that is rolled back unless it was committed.
class Transaction {
 public:
  /// Takes the write lock at once, so that nothing can fail for want of it later; waits up to the busy timeout.
  static Result<Transaction> begin_write(Connection& connection);
  /// All reads see the same state.
  static Result<Transaction> begin_read(Connection& connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace decant::database::sqlite
