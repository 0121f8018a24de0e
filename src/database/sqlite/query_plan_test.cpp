#include <list>

#include "database/sqlite/direct_upload_store_sql.h"
#include "database/sqlite/outbox_sql.h"
#include "database/sqlite/sqlite_fixture.h"
#include "database/sqlite/sweep_store_sql.h"
#include "database/sqlite/task_changes_sql.h"
#include "database/sqlite/task_queue_sql.h"
#include "database/sqlite/task_store_sql.h"

namespace decant::database::sqlite {
namespace {

using testing::HasSubstr;
using testing::Not;

/// No statement of the daily round may read more rows than it returns: a hundred thousand finished tasks cost nothing.
class QueryPlanTest : public SqliteTest {
 protected:
  QueryPlanTest() {
    EXPECT_TRUE(migrate());
    connection_ = connect();
  }
  std::string plan_of(std::string_view sql) {
    explained_.push_back("EXPLAIN QUERY PLAN " + std::string(sql));
    Statement statement = connection_->prepare(explained_.back()).value();
    std::string plan;
    while (statement.step().value()) plan += statement.text(3) + "\n";
    return plan;
  }

  std::list<std::string> explained_;  // the connection keeps views of them
  std::unique_ptr<Connection> connection_;
};

TEST_F(QueryPlanTest, ClaimReadsTheQueueOnly) {
  const std::string plan = plan_of(sql::claim_oldest);
  EXPECT_THAT(plan, HasSubstr("SEARCH tasks USING INDEX tasks_ready (not_before<?)"));
  EXPECT_THAT(plan, HasSubstr("SEARCH tasks USING INDEX tasks_leased (lease_until<?)"));
  EXPECT_THAT(plan, HasSubstr("SEARCH tasks USING INTEGER PRIMARY KEY"));
  EXPECT_THAT(plan, Not(HasSubstr("SCAN tasks")));
}

TEST_F(QueryPlanTest, NextReadyTimeReadsTheQueueOnly) {
  const std::string plan = plan_of(sql::time_to_next_ready);
  EXPECT_THAT(plan, HasSubstr("tasks_ready"));
  EXPECT_THAT(plan, HasSubstr("tasks_leased"));
}

TEST_F(QueryPlanTest, ListsReadInOrder) {
  for (const std::string_view sql : {sql::list_oldest_first, sql::list_newest_first}) {
    EXPECT_THAT(plan_of(sql), HasSubstr("USING INDEX tasks_of_user (user_id=? AND id"));
    EXPECT_THAT(plan_of(sql), Not(HasSubstr("TEMP B-TREE")));
  }
  for (const std::string_view sql : {sql::list_state_oldest_first, sql::list_state_newest_first}) {
    EXPECT_THAT(plan_of(sql), HasSubstr("USING INDEX tasks_of_user_by_state (user_id=? AND state=? AND id"));
    EXPECT_THAT(plan_of(sql), Not(HasSubstr("TEMP B-TREE")));
  }
}

TEST_F(QueryPlanTest, ALookReadsWhatChangedAndWhatRuns) {
  EXPECT_THAT(plan_of(sql::list_changes), HasSubstr("USING INDEX tasks_of_user_by_change (user_id=? AND change>?"));
  EXPECT_THAT(plan_of(sql::list_running), HasSubstr("USING INDEX tasks_of_user_by_state (user_id=? AND state=?"));
}

TEST_F(QueryPlanTest, TheSweepReadsWhatItChanges) {
  EXPECT_THAT(plan_of(sql::release_expired_leases), HasSubstr("INDEX tasks_leased (lease_until<?)"));
  EXPECT_THAT(plan_of(sql::cancel_older_than), HasSubstr("INDEX tasks_finished (state=? AND updated<?)"));
  EXPECT_THAT(plan_of(sql::list_canceled), HasSubstr("INDEX tasks_canceled"));
  EXPECT_THAT(plan_of(sql::is_referenced), HasSubstr("INDEX tasks_by_source_key (source_key=?)"));
  EXPECT_THAT(plan_of(sql::is_referenced), HasSubstr("INDEX tasks_by_result_key (result_key=?)"));
  EXPECT_THAT(plan_of(sql::is_referenced), HasSubstr("(id=?)"));
}

TEST_F(QueryPlanTest, DirectUploadsAreFoundWithoutReadingAll) {
  EXPECT_THAT(plan_of(sql::count_uploads), HasSubstr("INDEX direct_uploads_of_user (user_id=?)"));
  EXPECT_THAT(plan_of(sql::delete_expired_uploads), HasSubstr("INDEX direct_uploads_expired (open_until<?)"));
  EXPECT_THAT(plan_of(sql::is_referenced), HasSubstr("direct_uploads USING COVERING INDEX"));
}

TEST_F(QueryPlanTest, TheOutboxReadsWhatIsDue) {
  EXPECT_THAT(plan_of(sql::take_rings), HasSubstr("INDEX outbox_due (due<?)"));
  EXPECT_THAT(plan_of(sql::find_overdue), HasSubstr("INDEX tasks_ready (not_before<?)"));
}

TEST_F(QueryPlanTest, SingleTasksAreFoundById) {
  for (const std::string_view sql :
       {sql::find_task, sql::reconvert, sql::cancel_task, sql::claim_wanted, sql::heartbeat, sql::commit, sql::fail,
        sql::give_back, sql::find_replaced, sql::purge, sql::insert_ring, sql::note_ring}) {
    EXPECT_THAT(plan_of(sql), HasSubstr("USING INDEX sqlite_autoindex_tasks_1 (id=?)")) << sql;
  }
}

}  // namespace
}  // namespace decant::database::sqlite
