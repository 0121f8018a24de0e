#include "database/postgresql/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>

#include "database/postgresql/error.h"

namespace decant::database::postgresql {
namespace {

using Steady = std::chrono::steady_clock;

// How much longer than its statement_timeout a statement is waited for, before the server counts as gone.
constexpr std::chrono::milliseconds grace{5000};

struct FreeParameters {
  void operator()(PQconninfoOption* parameters) const { PQconninfoFree(parameters); }
};

bool is_readable_url(const std::string& url) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeParameters> parsed(PQconninfoParse(url.c_str(), &error));
  PQfreemem(error);  // not told: it may quote the password
  return parsed != nullptr;
}

void ignore_notice(void* /*context*/, const char* /*text*/) {}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options) {
  if (!is_readable_url(options.url)) {
    return failure(
        ErrorCode::invalid_argument,
        "The database URL cannot be read: write postgresql://user:password@host:5432/database?sslmode=verify-full, "
        "with special characters percent-encoded.");
  }
  const std::string connect_timeout =
      std::to_string(std::chrono::ceil<std::chrono::seconds>(options.connect_timeout).count());
  // What stands before dbname are defaults that the URL may change; what stands behind it is ours.
  constexpr std::size_t count = 10;
  const std::array<const char*, count> names = {"connect_timeout",      "application_name",
                                                "target_session_attrs", "keepalives_idle",
                                                "keepalives_interval",  "keepalives_count",
                                                "tcp_user_timeout",     "dbname",
                                                "client_encoding",      nullptr};
  const std::array<const char*, count> values = {
      connect_timeout.c_str(), "decant", "read-write", "10", "5", "3", "20000", options.url.c_str(), "UTF8", nullptr};
  PGconn* handle = PQconnectdbParams(names.data(), values.data(), /*expand_dbname=*/1);
  std::unique_ptr<Connection> connection(new Connection(handle, options.statement_timeout + grace));
  if (PQstatus(handle) != CONNECTION_OK) return connection_failure(handle);
  DECANT_CHECK(connection->configure(options));
  return connection;
}

Result<void> Connection::configure(const ConnectionOptions& options) {
  PQsetNoticeProcessor(handle_.get(), ignore_notice, nullptr);
  return execute_script(fmt::format(
      "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {};"
      "SET default_transaction_isolation = 'read committed'; SET jit = off",
      options.statement_timeout.count(), options.lock_timeout.count(), options.idle_transaction_timeout.count()));
}

Result<void> Connection::lift_timeouts() {
  patience_.reset();
  return execute_script("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0");
}

Result<std::string> Connection::prepare(std::string_view sql, int count) {
  const auto found = prepared_.find(sql);
  if (found != prepared_.end()) return found->second;
  std::string name = fmt::format("s{}", prepared_.size());
  if (PQsendPrepare(handle_.get(), name.c_str(), std::string(sql).c_str(), count, nullptr) == 0) {
    return connection_failure(handle_.get());
  }
  DECANT_CHECK(await_result(sql));
  prepared_.emplace(sql, name);
  return name;
}

Result<Rows> Connection::run(std::string_view sql, const Values& values) {
  DECANT_TRY(const std::string name, prepare(sql, values.count()));
  constexpr int binary = 1;
  if (PQsendQueryPrepared(handle_.get(), name.c_str(), values.count(), values.pointers(), values.lengths(),
                          values.formats(), binary) == 0) {
    return connection_failure(handle_.get());
  }
  return await_result(sql);
}

Result<void> Connection::execute_script(const std::string& sql) {
  if (PQsendQuery(handle_.get(), sql.c_str()) == 0) return connection_failure(handle_.get());
  DECANT_CHECK(await_result(sql));
  return {};
}

Result<void> Connection::await_input(std::string_view sql, Steady::time_point deadline) {
  pollfd waiting{socket(), POLLIN, 0};
  int timeout = -1;
  if (patience_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
    timeout = static_cast<int>(std::max<std::int64_t>(left, 0));
  }
  const int ready = ::poll(&waiting, 1, timeout);
  if (ready < 0 && errno != EINTR) return failure(ErrorCode::internal, "The database failed.", "poll");
  if (ready == 0) {
    // The command stays open, so that every further call fails and the pool lets the connection go.
    return failure(ErrorCode::unavailable, "The database cannot be reached: try again.",
                   fmt::format("no answer in time: {}", sql));
  }
  if (ready > 0 && !take_input()) return connection_failure(handle_.get());
  return {};
}

Result<Rows> Connection::await_result(std::string_view sql) {
  const auto deadline = Steady::now() + patience_.value_or(std::chrono::milliseconds(0));
  std::optional<Rows> rows;
  std::optional<Failure> error;
  for (;;) {
    while (PQisBusy(handle_.get()) != 0) DECANT_CHECK(await_input(sql, deadline));
    PGresult* result = PQgetResult(handle_.get());
    if (result == nullptr) break;
    Rows next(result);
    const ExecStatusType status = PQresultStatus(result);
    const bool is_done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN;
    if (!is_done && !error) error = statement_failure(handle_.get(), result, sql);
    rows = std::move(next);
    if (status == PGRES_COPY_IN) break;
  }
  if (error) return *std::move(error);
  if (!rows) return connection_failure(handle_.get());
  return *std::move(rows);
}

Result<void> Connection::begin_copy(const std::string& sql) { return execute_script(sql); }

Result<void> Connection::send_copy_data(std::string_view lines) {
  if (PQputCopyData(handle_.get(), lines.data(), static_cast<int>(lines.size())) != 1) {
    return connection_failure(handle_.get());
  }
  return {};
}

Result<void> Connection::end_copy() {
  if (PQputCopyEnd(handle_.get(), nullptr) != 1) return connection_failure(handle_.get());
  DECANT_CHECK(await_result("COPY"));
  return {};
}

bool Connection::is_in_transaction() const { return PQtransactionStatus(handle_.get()) != PQTRANS_IDLE; }

bool Connection::is_idle_and_alive() {
  if (PQstatus(handle_.get()) != CONNECTION_OK || is_in_transaction()) return false;
  // What a server says unasked is that it ends the session, and the socket may close only after that. A notice is
  // rare enough to cost a new connection.
  pollfd unasked{socket(), POLLIN, 0};
  return ::poll(&unasked, 1, 0) == 0;
}

bool Connection::take_notifications() {
  bool any = false;
  while (PGnotify* const notification = PQnotifies(handle_.get())) {
    any = any || notification->be_pid != PQbackendPID(handle_.get());
    PQfreemem(notification);
  }
  return any;
}

Result<Transaction> Transaction::begin(Connection& connection) {
  DECANT_CHECK(connection.execute_script("BEGIN"));
  return Transaction(connection);
}

Result<Transaction> Transaction::begin_snapshot(Connection& connection) {
  DECANT_CHECK(connection.execute_script("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  return Transaction(connection);
}

Transaction::~Transaction() {
  if (connection_ != nullptr && connection_->is_in_transaction()) (void)connection_->execute_script("ROLLBACK");
}

Result<void> Transaction::commit() {
  // COMMIT of a failed transaction is a ROLLBACK that reports success; a failed statement never gets here.
  DECANT_CHECK(connection_->execute_script("COMMIT"));
  connection_ = nullptr;
  return {};
}

}  // namespace decant::database::postgresql
