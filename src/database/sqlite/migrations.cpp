// ccache:disable (4.7 does not see the files that #embed reads)
#include "database/sqlite/migrations.h"

namespace decant::database::sqlite {
namespace {

constexpr char initial[] = {
#embed "../migrations/sqlite/0001_initial.sql"
};
constexpr char outbox[] = {
#embed "../migrations/sqlite/0002_outbox.sql"
};
constexpr char covers[] = {
#embed "../migrations/sqlite/0003_covers.sql"
};
constexpr char direct_uploads[] = {
#embed "../migrations/sqlite/0004_direct_uploads.sql"
};
constexpr char changes[] = {
#embed "../migrations/sqlite/0005_changes.sql"
};
constexpr char traceparent[] = {
#embed "../migrations/sqlite/0006_traceparent.sql"
};

struct Migration {
  int version;
  std::string_view name;
  std::string_view script;
};

constexpr std::array migrations = {
    Migration{1, "initial", {initial, sizeof initial}},
    Migration{2, "outbox", {outbox, sizeof outbox}},
    Migration{3, "covers", {covers, sizeof covers}},
    Migration{4, "direct uploads", {direct_uploads, sizeof direct_uploads}},
    Migration{5, "changes", {changes, sizeof changes}},
    Migration{6, "traceparent", {traceparent, sizeof traceparent}},
};
constexpr int newest_version = migrations.back().version;

constexpr std::string_view find_version_table =
    "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version')";
constexpr std::string_view find_version = "SELECT ifnull(max(version), 0) FROM schema_version";
constexpr std::string_view create_version_table =
    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT "
    "NULL) STRICT";
constexpr std::string_view insert_version = "INSERT INTO schema_version VALUES (?1, ?2, now_ms())";

Result<std::int64_t> read_number(Connection& connection, std::string_view sql) {
  DECANT_TRY(Statement statement, connection.prepare(sql));
  DECANT_CHECK(statement.step());
  return statement.integer(0);
}

Result<std::int64_t> read_version(Connection& connection) {
  DECANT_TRY(const std::int64_t has_table, read_number(connection, find_version_table));
  if (has_table == 0) return std::int64_t{0};
  return read_number(connection, find_version);
}

Failure newer_schema(std::int64_t version) {
  return failure(ErrorCode::conflict,
                 fmt::format("The database has schema version {}, newer than version {} of this program: install the "
                             "decant that wrote it, or a later one.",
                             version, newest_version));
}

}  // namespace

Result<std::vector<int>> migrate(const std::string& path, const DatabaseOptions& options, const Clock& clock,
                                 Logger& logger) {
  const ConnectionOptions connection_options{Access::create, options.busy_timeout, options.max_size};
  DECANT_TRY(auto connection, Connection::open(path, connection_options, clock));
  // Whoever is second waits here, and then finds nothing left to do.
  DECANT_TRY(Transaction transaction, Transaction::begin_write(*connection));
  DECANT_CHECK(connection->change(create_version_table));
  DECANT_TRY(const std::int64_t version, read_version(*connection));
  if (version > newest_version) return newer_schema(version);
  std::vector<int> applied;
  for (const Migration& migration : migrations) {
    if (migration.version <= version) continue;
    DECANT_CHECK(connection->execute_script(std::string(migration.script)));
    DECANT_CHECK(connection->change(insert_version, migration.version, migration.name));
    applied.push_back(migration.version);
  }
  DECANT_CHECK(transaction.commit());
  if (!applied.empty()) {
    logger.info("database migrated", {{"from", version}, {"to", std::int64_t{newest_version}}});
  }
  return applied;
}

Result<void> check_schema(Connection& connection) {
  DECANT_TRY(const std::int64_t version, read_version(connection));
  if (version > newest_version) return newer_schema(version);
  if (version < newest_version) {
    return failure(ErrorCode::conflict,
                   fmt::format("The database has schema version {} and this program needs version {}: run `decant "
                               "migrate`.",
                               version, newest_version));
  }
  return {};
}

}  // namespace decant::database::sqlite
