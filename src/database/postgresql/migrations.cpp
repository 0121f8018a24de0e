// ccache:disable (4.7 does not see the files that #embed reads)
#include "database/postgresql/migrations.h"

#include "database/postgresql/database.h"

namespace decant::database::postgresql {
namespace {

constexpr char initial[] = {
#embed "../migrations/postgresql/0001_initial.sql"
};
constexpr char direct_uploads[] = {
#embed "../migrations/postgresql/0002_direct_uploads.sql"
};
constexpr char changes[] = {
#embed "../migrations/postgresql/0003_changes.sql"
};
constexpr char traceparent[] = {
#embed "../migrations/postgresql/0004_traceparent.sql"
};

struct Migration {
  int version;
  std::string_view name;
  std::string_view script;
};

constexpr std::array migrations = {
    Migration{1, "initial", {initial, sizeof initial}},
    Migration{2, "direct uploads", {direct_uploads, sizeof direct_uploads}},
    Migration{3, "changes", {changes, sizeof changes}},
    Migration{4, "traceparent", {traceparent, sizeof traceparent}},
};
constexpr int newest_version = migrations.back().version;

// Held to the end of the transaction. The number says "decant" in ASCII.
constexpr std::string_view lock_migrations = "SELECT pg_advisory_xact_lock(110386840822388)";
constexpr std::string_view find_version_table = "SELECT to_regclass('schema_version') IS NOT NULL";
constexpr std::string_view find_version = "SELECT coalesce(max(version), 0) FROM schema_version";
constexpr std::string_view create_version_table =
    "CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, name text NOT NULL, applied timestamptz "
    "NOT "
    "NULL DEFAULT now())";
constexpr std::string_view insert_version = "INSERT INTO schema_version (version, name) VALUES ($1, $2)";

Result<std::int64_t> read_number(Connection& connection, std::string_view sql) {
  DECANT_TRY(const Rows rows, connection.query(sql));
  return rows[0].integer(0);
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

Result<std::vector<int>> migrate(const std::string& location, const DatabaseOptions& options, const Clock& /*clock*/,
                                 Logger& logger) {
  DECANT_TRY(auto connection, Connection::open(connection_options(location, options)));
  DECANT_CHECK(connection->lift_timeouts());
  DECANT_TRY(Transaction transaction, Transaction::begin(*connection));
  // Whoever is second waits here, and then finds nothing left to do.
  DECANT_CHECK(connection->query(lock_migrations));
  DECANT_TRY(const std::int64_t version, read_version(*connection));
  if (version > newest_version) return newer_schema(version);
  DECANT_CHECK(connection->query(create_version_table));
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

}  // namespace decant::database::postgresql
