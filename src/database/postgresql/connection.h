#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "database/postgresql/rows.h"
#include "database/postgresql/values.h"

namespace decant::database::postgresql {

struct ConnectionOptions {
  std::string url;                                      ///< postgresql://…, which may hold a password
  std::chrono::milliseconds connect_timeout{5000};      ///< for each host of the URL; whole seconds, two at the least
  std::chrono::milliseconds statement_timeout{30'000};  ///< the server gives a statement up after this
  std::chrono::milliseconds lock_timeout{5000};         ///< and this long it waits for others
  std::chrono::milliseconds idle_transaction_timeout{3000};  ///< and ends a transaction whose owner says nothing
};

/// One session with a PostgreSQL server. One thread at a time; every call blocks, and no longer than its statement may
/// take and a little: a server that fell silent makes it `unavailable`, and the connection useless.
class Connection {
 public:
  /// invalid_argument for a URL that libpq cannot read, which is not repeated; unavailable when no server answers or it
  /// refuses.
  static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options);

  /// Runs a statement that is prepared at its first use. `sql` must live as long as the connection: a constant.
  template <class... Each>
  Result<Rows> query(std::string_view sql, const Each&... values) {
    return run(sql, Values(values...));
  }
  /// The same for its effect: how many rows it changed.
  template <class... Each>
  Result<std::int64_t> change(std::string_view sql, const Each&... values) {
    DECANT_TRY(const Rows rows, query(sql, values...));
    return rows.affected();
  }
  /// Runs a text of several statements without values and rows.
  Result<void> execute_script(const std::string& sql);

  /// COPY … FROM STDIN: begin with that statement, then send lines in the text format.
  Result<void> begin_copy(const std::string& sql);
  Result<void> send_copy_data(std::string_view lines);
  Result<void> end_copy();

  /// Whether the next statement may be sent: no transaction is open, and the server has not hung up. Asks nobody.
  [[nodiscard]] bool is_idle_and_alive();
  [[nodiscard]] bool is_in_transaction() const;
  /// Whether the last statement met the end of the session.
  [[nodiscard]] bool has_hung_up() const { return PQstatus(handle_.get()) != CONNECTION_OK; }
  [[nodiscard]] int socket() const { return PQsocket(handle_.get()); }
  /// Takes in what the server sent unasked. False when it has hung up.
  bool take_input() { return PQconsumeInput(handle_.get()) != 0; }
  /// Whether notifications of other sessions came since the last call.
  bool take_notifications();
  /// No statement is given up any more, whatever it takes. For migrations.
  Result<void> lift_timeouts();

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  Connection(PGconn* handle, std::chrono::milliseconds patience) : handle_(handle), patience_(patience) {}

  Result<void> configure(const ConnectionOptions& options);
  Result<Rows> run(std::string_view sql, const Values& values);
  Result<std::string> prepare(std::string_view sql, int count);
  /// Waits for the end of what was sent; the first error, else the last result.
  Result<Rows> await_result(std::string_view sql);
  Result<void> await_input(std::string_view sql, std::chrono::steady_clock::time_point deadline);

  std::unique_ptr<PGconn, Finish> handle_;
  std::optional<std::chrono::milliseconds> patience_;           ///< for one statement; none: for ever
  std::unordered_map<std::string_view, std::string> prepared_;  ///< their names on the server
};

/// A transaction that is rolled back unless it was committed.
class Transaction {
 public:
  /// READ COMMITTED: each statement sees what was committed before it.
  static Result<Transaction> begin(Connection& connection);
  /// All reads see the same state.
  static Result<Transaction> begin_snapshot(Connection& connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace decant::database::postgresql
