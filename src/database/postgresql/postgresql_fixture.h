#pragma once

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "contract/postgresql_cluster.h"
#include "database/database.h"

namespace decant::database::postgresql {

/// A new database with decant's schema, copied from one that was migrated once.
inline std::string make_migrated_database() {
  static const std::string original = [] {
    const std::string url = contract::PostgresqlCluster::shared().make_database();
    const SystemClock clock;
    Logger logger(LogLevel::error, LogFormat::text);
    if (const auto done = migrate(url, {}, clock, logger); !done) throw std::runtime_error(done.error().describe());
    return url.substr(url.rfind('/') + 1);
  }();
  return contract::PostgresqlCluster::shared().make_database(original);
}

/// Puts the database's clock under a test's command.
class LedDatabase {
 public:
  LedDatabase(const std::string& url, ManualClock& clock) : session_(url) {
    session_.execute(R"sql(
      SET synchronous_commit = off;
      CREATE TABLE test_clock (ms bigint NOT NULL);
      INSERT INTO test_clock VALUES (0);
      CREATE OR REPLACE FUNCTION now_ms() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT ms FROM test_clock')sql");
    clock.lead([this](WallTime now) {
      session_.execute("UPDATE test_clock SET ms = " + std::to_string(now.time_since_epoch().count()));
    });
  }

 private:
  contract::PostgresqlSession session_;
};

}  // namespace decant::database::postgresql
