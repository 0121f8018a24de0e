#include "database/transfer.h"

#include <fmt/format.h>

#include <list>

#include "database/postgresql/connection.h"
#include "database/postgresql/database.h"
#include "database/postgresql/migrations.h"
#include "database/sqlite/connection.h"
#include "database/sqlite/migrations.h"

namespace decant::database {
namespace {

using Kind = CopiedColumn::Kind;

constexpr std::array user_columns = {
    CopiedColumn{"id", Kind::text},
    CopiedColumn{"name", Kind::text},
    CopiedColumn{"email", Kind::text},
    CopiedColumn{"password_hash", Kind::text},
    CopiedColumn{"created", Kind::number},
    CopiedColumn{"disabled", Kind::number},
    CopiedColumn{"token_generation", Kind::number},
};

constexpr std::array task_columns = {
    CopiedColumn{"sequence", Kind::number},
    CopiedColumn{"id", Kind::text},
    CopiedColumn{"user_id", Kind::text},
    CopiedColumn{"created", Kind::number},
    CopiedColumn{"updated", Kind::number},
    CopiedColumn{"name", Kind::bytes},
    CopiedColumn{"target", Kind::text},
    CopiedColumn{"options", Kind::text},
    CopiedColumn{"state", Kind::text},
    CopiedColumn{"generation", Kind::number},
    CopiedColumn{"fence", Kind::number},
    CopiedColumn{"attempts", Kind::number},
    CopiedColumn{"max_attempts", Kind::number},
    CopiedColumn{"not_before", Kind::number},
    // Nobody else has the database open, so whoever held a lease is gone: it is over by any clock.
    CopiedColumn{"lease_until", Kind::number, "CASE WHEN lease_until IS NOT NULL THEN 0 END"},
    CopiedColumn{"worker", Kind::text},
    CopiedColumn{"progress", Kind::real},
    CopiedColumn{"error_code", Kind::text},
    CopiedColumn{"error_message", Kind::bytes},
    CopiedColumn{"media", Kind::bytes},
    CopiedColumn{"source_key", Kind::text},
    CopiedColumn{"source_size", Kind::number},
    CopiedColumn{"source_sha256", Kind::text},
    CopiedColumn{"source_mime_type", Kind::text},
    CopiedColumn{"source_extension", Kind::text},
    CopiedColumn{"result_key", Kind::text},
    CopiedColumn{"result_size", Kind::number},
    CopiedColumn{"result_sha256", Kind::text},
    CopiedColumn{"result_mime_type", Kind::text},
    CopiedColumn{"result_extension", Kind::text},
    CopiedColumn{"result_target", Kind::text},
    CopiedColumn{"report", Kind::bytes},
    CopiedColumn{"idempotency_key", Kind::text},
    CopiedColumn{"cover_size", Kind::number},
    CopiedColumn{"cover_sha256", Kind::text},
    CopiedColumn{"rung", Kind::number},
    CopiedColumn{"traceparent", Kind::text},
    // SQLite's sweep goes by the last change, which for these states is their end.
    CopiedColumn{"finished", Kind::number, "CASE WHEN state IN ('PROCESSED', 'FAILED') THEN updated END"},
};

constexpr std::array ring_columns = {
    CopiedColumn{"id", Kind::number},         CopiedColumn{"task_id", Kind::text},
    CopiedColumn{"generation", Kind::number}, CopiedColumn{"created", Kind::number},
    CopiedColumn{"due", Kind::number},
};

constexpr std::array direct_upload_columns = {
    CopiedColumn{"id", Kind::text},           CopiedColumn{"user_id", Kind::text},
    CopiedColumn{"created", Kind::number},    CopiedColumn{"name", Kind::bytes},
    CopiedColumn{"target", Kind::text},       CopiedColumn{"options", Kind::text},
    CopiedColumn{"key", Kind::text},          CopiedColumn{"size", Kind::number},
    CopiedColumn{"sha256", Kind::text},       CopiedColumn{"link_until", Kind::number},
    CopiedColumn{"open_until", Kind::number},
};

constexpr std::array tables = {
    CopiedTable{"users", "", user_columns},
    CopiedTable{"tasks", "sequence", task_columns},
    CopiedTable{"outbox", "id", ring_columns},
    CopiedTable{"direct_uploads", "", direct_upload_columns},
};

// How much of a table is on its way at once.
constexpr std::size_t batch_size = 256 * 1024;

constexpr std::string_view lock_tables = "LOCK TABLE users, tasks, outbox, direct_uploads IN ACCESS EXCLUSIVE MODE";
constexpr std::string_view find_any_row =
    "SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM tasks) OR EXISTS (SELECT 1 FROM outbox)"
    " OR EXISTS (SELECT 1 FROM direct_uploads)";
// Row by row it would write the owner's row anew for each task.
constexpr std::string_view stop_counting = "ALTER TABLE tasks DISABLE TRIGGER tasks_inserted";
constexpr std::string_view go_on_counting = "ALTER TABLE tasks ENABLE TRIGGER tasks_inserted";
constexpr std::string_view count_stored_bytes =
    "UPDATE users SET stored_bytes = users.stored_bytes + held.bytes"
    " FROM (SELECT user_id, sum(stored_bytes) AS bytes FROM tasks GROUP BY user_id) AS held WHERE held.user_id = "
    "users.id";
// Both dialects: what has to be the same afterwards.
constexpr std::string_view take_stock = R"sql(
  SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM tasks), (SELECT count(*) FROM outbox),
         (SELECT count(*) FROM tasks WHERE state = 'UPLOADED'), (SELECT count(*) FROM tasks WHERE state = 'PROCESSING'),
         (SELECT count(*) FROM tasks WHERE state = 'PROCESSED'), (SELECT count(*) FROM tasks WHERE state = 'FAILED'),
         (SELECT count(*) FROM tasks WHERE state = 'CANCELED'), (SELECT count(*) FROM tasks WHERE result_key IS NOT NULL),
         (SELECT count(*) FROM tasks WHERE idempotency_key IS NOT NULL),
         (SELECT CAST(coalesce(sum(stored_bytes), 0) AS bigint) FROM tasks),
         (SELECT CAST(coalesce(sum(fence), 0) AS bigint) FROM tasks), (SELECT count(*) FROM direct_uploads))sql";
using Stock = std::array<std::int64_t, 13>;

template <class Row>
Stock read_stock(const Row& row) {
  Stock stock{};
  for (std::size_t i = 0; i < stock.size(); ++i) stock[i] = row.integer(static_cast<int>(i));
  return stock;
}

/// Appends a value as COPY reads it (PostgreSQL's documentation of COPY, "Text Format").
void append_escaped(std::string& line, std::string_view text) {
  for (const char byte : text) {
    switch (byte) {
      case '\\': line += "\\\\"; break;
      case '\t': line += "\\t"; break;
      case '\n': line += "\\n"; break;
      case '\r': line += "\\r"; break;
      default: line += byte;
    }
  }
}

void append_value(std::string& line, const sqlite::Statement& row, int column, Kind kind) {
  if (row.is_null(column)) {
    line += "\\N";
    return;
  }
  switch (kind) {
    case Kind::number: fmt::format_to(std::back_inserter(line), "{}", row.integer(column)); break;
    case Kind::real: fmt::format_to(std::back_inserter(line), "{}", row.real(column)); break;
    case Kind::text: append_escaped(line, row.text(column)); break;
    case Kind::bytes:
      line += "\\\\x";
      for (const char byte : row.text(column)) {
        fmt::format_to(std::back_inserter(line), "{:02x}", static_cast<unsigned char>(byte));
      }
  }
}

class Copy {
 public:
  Copy(sqlite::Connection& source, postgresql::Connection& target) : source_(source), target_(target) {}

  Result<void> copy(const CopiedTable& table) {
    std::string names;
    std::string expressions;
    for (const CopiedColumn& column : table.columns) {
      const std::string_view separator = names.empty() ? "" : ", ";
      names += fmt::format("{}{}", separator, column.name);
      expressions += fmt::format("{}{}", separator, column.source.empty() ? column.name : column.source);
    }
    DECANT_TRY(sqlite::Statement rows,
               source_.prepare(keep(fmt::format("SELECT {} FROM {} ORDER BY rowid", expressions, table.name))));
    DECANT_CHECK(target_.begin_copy(fmt::format("COPY {} ({}) FROM STDIN", table.name, names)));
    std::string lines;
    for (;;) {
      DECANT_TRY(const bool found, rows.step());
      if (!found) break;
      int number = 0;
      for (const CopiedColumn& column : table.columns) {
        if (number > 0) lines += '\t';
        append_value(lines, rows, number++, column.kind);
      }
      lines += '\n';
      if (lines.size() < batch_size) continue;
      DECANT_CHECK(target_.send_copy_data(lines));
      lines.clear();
    }
    DECANT_CHECK(target_.send_copy_data(lines));
    DECANT_CHECK(target_.end_copy());
    return go_on_behind(table);
  }

  /// Whether both hold the same, and how much.
  Result<Stock> compare() {
    DECANT_TRY(sqlite::Statement ours, source_.prepare(take_stock));
    DECANT_CHECK(ours.step());
    DECANT_TRY(const postgresql::Rows theirs, target_.query(take_stock));
    const Stock source = read_stock(ours);
    const Stock target = read_stock(theirs[0]);
    if (source != target) {
      return failure(ErrorCode::internal, "The copy differs from the database; nothing was moved.",
                     fmt::format("{} against {}", fmt::join(source, " "), fmt::join(target, " ")));
    }
    return target;
  }

 private:
  // New rows come behind those that were copied.
  Result<void> go_on_behind(const CopiedTable& table) {
    if (table.key.empty()) return {};
    return target_.execute_script(fmt::format(
        "SELECT setval(pg_get_serial_sequence('{0}', '{1}'), coalesce(max({1}), 1), max({1}) IS NOT NULL) FROM {0}",
        table.name, table.key));
  }
  // The connection keeps views of its statements.
  std::string_view keep(std::string sql) { return statements_.emplace_back(std::move(sql)); }

  sqlite::Connection& source_;
  postgresql::Connection& target_;
  std::list<std::string> statements_;
};

Result<std::unique_ptr<sqlite::Connection>> open_source(const std::string& path, const DatabaseOptions& options,
                                                        const Clock& clock) {
  auto source = sqlite::Connection::open(path, {sqlite::Access::alone, options.busy_timeout, 0}, clock);
  if (!source && source.error().code == ErrorCode::unavailable) {
    return failure(ErrorCode::conflict,
                   "The database to move is in use: stop every decant that works on it, and start none until it is "
                   "moved.",
                   source.error().detail);
  }
  return source;
}

}  // namespace

std::span<const CopiedTable> copied_tables() { return tables; }

Result<Transferred> copy_sqlite_to_postgresql(const std::string& from, const std::string& to,
                                              const DatabaseOptions& options, const Clock& clock, Logger& logger) {
  DECANT_TRY(const auto source, open_source(from, options, clock));
  DECANT_CHECK(sqlite::check_schema(*source));
  DECANT_CHECK(postgresql::migrate(to, options, clock, logger));
  DECANT_TRY(const auto target, postgresql::Connection::open(postgresql::connection_options(to, options)));

  DECANT_TRY(sqlite::Transaction reading, sqlite::Transaction::begin_read(*source));
  DECANT_TRY(postgresql::Transaction writing, postgresql::Transaction::begin(*target));
  DECANT_CHECK(target->query(lock_tables));
  DECANT_CHECK(target->lift_timeouts());
  DECANT_TRY(const postgresql::Rows any_row, target->query(find_any_row));
  if (any_row[0].integer(0) != 0) {
    return failure(ErrorCode::conflict,
                   "The database to move to is not empty: name one that no decant has worked with yet.");
  }
  Copy copy(*source, *target);
  DECANT_CHECK(target->query(stop_counting));
  for (const CopiedTable& table : tables) DECANT_CHECK(copy.copy(table));
  DECANT_CHECK(target->query(count_stored_bytes));
  DECANT_TRY(const Stock stock, copy.compare());
  DECANT_CHECK(target->query(go_on_counting));
  DECANT_CHECK(writing.commit());
  // Else the first plans would take the tables for empty.
  DECANT_CHECK(target->execute_script("ANALYZE users, tasks, outbox, direct_uploads"));
  return Transferred{.users = stock[0], .tasks = stock[1], .rings = stock[2]};
}

}  // namespace decant::database
