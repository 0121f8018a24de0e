#include <gmock/gmock.h>

#include "database/postgresql/outbox_sql.h"
#include "database/postgresql/postgresql_fixture.h"
#include "database/postgresql/sweep_store_sql.h"
#include "database/postgresql/task_queue_sql.h"
#include "database/postgresql/task_store_sql.h"

namespace decant::database::postgresql {
namespace {

using testing::HasSubstr;
using testing::Not;

/// No statement of the daily round may read more rows than it needs: a hundred thousand finished tasks cost nothing.
class PostgresqlQueryPlanTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    url_ = make_migrated_database();
    contract::PostgresqlSession(url_).execute(R"sql(
      SET synchronous_commit = off;
      ALTER TABLE tasks DISABLE TRIGGER tasks_inserted;
      INSERT INTO users
        SELECT gen_random_uuid(), 'user' || i, i || '@example.org', '', 0, false, 0 FROM generate_series(1, 20) AS i;
      INSERT INTO tasks (id, user_id, created, updated, name, target, options, state, generation, fence, attempts,
                         max_attempts, not_before, progress, media, source_key, source_size, source_sha256,
                         source_mime_type, source_extension, result_key, result_size, finished)
        SELECT gen_random_uuid(), users.id, i, i, 'n', 'mp3', '{}',
               CASE WHEN i % 50 = 0 THEN 'CANCELED' WHEN i % 100 = 1 THEN 'UPLOADED' WHEN i % 50 = 3 THEN 'FAILED' ELSE 'PROCESSED' END,
               1, 1, 1, 3, i, 0, '{}', 'sources/' || users.id || i, 1, '', '', '', 'results/' || users.id || i, 1, i
        FROM users, generate_series(1, 1000) AS i;
      INSERT INTO outbox (task_id, generation, created, due) SELECT id, 1, created, created FROM tasks;
      ANALYZE)sql");
  }
  PostgresqlQueryPlanTest() { session_.execute("SET plan_cache_mode = force_generic_plan"); }
  std::string plan_of(std::string_view sql) {
    int count = 0;
    for (int number = 1; sql.contains("$" + std::to_string(number)); ++number) count = number;
    std::string values;
    for (int i = 0; i < count; ++i) values += i == 0 ? "(NULL" : ", NULL";
    if (count > 0) values += ")";
    session_.execute("PREPARE explained AS " + std::string(sql));
    const std::string plan = session_.execute("EXPLAIN (FORMAT JSON) EXECUTE explained" + values);
    session_.execute("DEALLOCATE explained");
    return plan;
  }
  static auto uses(const std::string& index) { return HasSubstr("\"Index Name\": \"" + index + "\""); }

  inline static std::string url_;
  contract::PostgresqlSession session_{url_};
};

TEST_F(PostgresqlQueryPlanTest, ClaimsReadTheQueueOnly) {
  for (const std::string_view sql : {sql::claim_ready, sql::claim_oldest}) {
    const std::string plan = plan_of(sql);
    EXPECT_THAT(plan, uses("tasks_ready"));
    EXPECT_THAT(plan, Not(HasSubstr("Seq Scan")));
    EXPECT_THAT(plan, testing::ContainsRegex("Index Cond[^,]*not_before <= ")) << "no filter";
  }
  EXPECT_THAT(plan_of(sql::claim_oldest), uses("tasks_leased"));
  EXPECT_THAT(plan_of(sql::time_to_next_ready), uses("tasks_ready"));
  EXPECT_THAT(plan_of(sql::time_to_next_ready), uses("tasks_leased"));
  EXPECT_THAT(plan_of(sql::time_to_next_not_before), uses("tasks_ready"));
}

// By whichever index is small: a claimed one by that of the few that are claimed.
TEST_F(PostgresqlQueryPlanTest, SingleTasksAreFoundByAnIndex) {
  for (const std::string_view sql : {sql::find_task, sql::reconvert, sql::cancel_task, sql::claim_wanted,
                                     sql::heartbeat, sql::commit, sql::fail, sql::give_back, sql::purge}) {
    EXPECT_THAT(plan_of(sql), HasSubstr("\"Index Name\"")) << sql;
    EXPECT_THAT(plan_of(sql), Not(HasSubstr("Seq Scan"))) << sql;
  }
}

TEST_F(PostgresqlQueryPlanTest, ListsReadInOrder) {
  for (const std::string_view sql :
       {sql::list_oldest_first, sql::list_newest_first, sql::list_state_oldest_first, sql::list_state_newest_first}) {
    EXPECT_THAT(plan_of(sql), HasSubstr("tasks_of_user")) << sql;
    EXPECT_THAT(plan_of(sql), Not(HasSubstr("\"Sort\""))) << sql;
  }
}

TEST_F(PostgresqlQueryPlanTest, TheSweepReadsWhatItChanges) {
  EXPECT_THAT(plan_of(sql::release_expired_leases), uses("tasks_leased"));
  EXPECT_THAT(plan_of(sql::list_canceled), uses("tasks_canceled"));
  EXPECT_THAT(plan_of(sql::find_unreferenced), uses("tasks_by_source_key"));
  EXPECT_THAT(plan_of(sql::find_unreferenced), uses("tasks_by_result_key"));
  EXPECT_THAT(plan_of(sql::ring_again), uses("tasks_ready"));
}

TEST_F(PostgresqlQueryPlanTest, TheOutboxReadsWhatIsDue) {
  EXPECT_THAT(plan_of(sql::take_rings), uses("outbox_due"));
  EXPECT_THAT(plan_of(sql::delete_rings), uses("outbox_pkey"));
}

// The settings of the hot table are part of the schema, where no operator can forget them.
TEST_F(PostgresqlQueryPlanTest, VacuumComesByTheNumberOfDeadRows) {
  for (const std::string table : {"tasks", "outbox", "users"}) {
    const std::string options = session_.execute("SELECT reloptions FROM pg_class WHERE relname = '" + table + "'");
    EXPECT_THAT(options, HasSubstr("autovacuum_vacuum_threshold=1000")) << table;
    EXPECT_THAT(options, HasSubstr("autovacuum_vacuum_scale_factor=0")) << table;
    EXPECT_THAT(options, HasSubstr("fillfactor")) << table;
  }
}

}  // namespace
}  // namespace decant::database::postgresql
