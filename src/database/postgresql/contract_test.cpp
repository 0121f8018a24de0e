#include "contract/broker_contract.h"
#include "contract/direct_upload_store_contract.h"
#include "contract/outbox_contract.h"
#include "contract/sweep_store_contract.h"
#include "contract/task_changes_contract.h"
#include "contract/task_queue_contract.h"
#include "contract/task_states_contract.h"
#include "contract/task_store_contract.h"
#include "contract/user_store_contract.h"
#include "database/postgresql/postgresql_fixture.h"

namespace decant::contract {
namespace {

class PostgresqlUnderTest final : public DatabaseUnderTest {
 public:
  explicit PostgresqlUnderTest(ManualClock& clock) : clock_(clock) {}
  ~PostgresqlUnderTest() override { EXPECT_TRUE(databases_.front()->check_integrity()); }

  [[nodiscard]] const std::string& url() const { return url_; }

  Stores connect() override {
    databases_.push_back(
        database::open_database(url_, {.ring_by_outbox = true, .whole_look_share = 1}, clock_, logger_).value());
    database::Database& opened = *databases_.back();
    return {opened.tasks(),  opened.uploads(), opened.queue(), opened.sweep(), opened.changes(),
            opened.outbox(), opened.users(),   opened.stats(), opened.work()};
  }

 private:
  ManualClock& clock_;
  std::string url_ = database::postgresql::make_migrated_database();
  database::postgresql::LedDatabase led_{url_, clock_};
  Logger logger_{LogLevel::error, LogFormat::text};
  std::vector<std::unique_ptr<database::Database>> databases_;
};

/// A database with a user.
struct PostgresqlSite {
  explicit PostgresqlSite(ManualClock& with) : clock(with), database(with) {
    tasks::User ada{.id = user, .name = "ada", .email = "ada@example.org", .password_hash = "x"};
    EXPECT_TRUE(stores.users.insert_user(ada));
  }
  tasks::TaskId add_task() {
    tasks::NewTask task;
    task.task.id = tasks::TaskId::make(clock.wall_now());
    task.task.user = user;
    task.task.max_attempts = 1;
    return stores.tasks.insert_task(task).value().id;
  }

  ManualClock& clock;
  PostgresqlUnderTest database;
  Stores stores = database.connect();
  tasks::UserId user = tasks::UserId::make(clock.wall_now());
};

const auto postgresql =
    testing::Values(MakeDatabase([](ManualClock& clock) { return std::make_unique<PostgresqlUnderTest>(clock); }));

INSTANTIATE_TEST_SUITE_P(Postgresql, TaskStoreContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, DirectUploadStoreContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, TaskQueueContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, SweepStoreContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, TaskChangesContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, OutboxContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, TaskStatesContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, UserStoreContract, postgresql);

TEST(PostgresqlChanges, AnOpenTransactionHoldsNothingUpAndHidesNothing) {
  ManualClock clock;
  PostgresqlSite site(clock);
  const auto list_after = [&](tasks::ChangePosition position) {
    return site.stores.changes.list_changes({.users = {site.user}, .after = position}).value();
  };
  const tasks::TaskId late = site.add_task();
  const tasks::ChangePosition start = site.stores.changes.newest_position().value();
  PostgresqlSession open(site.database.url());
  open.execute("BEGIN; UPDATE tasks SET state = 'CANCELED', fence = fence + 1 WHERE id = '" + late.text() + "'");
  const tasks::TaskId early = site.add_task();

  const tasks::Changes during = list_after(start);
  EXPECT_TRUE(during.changed.empty());
  ASSERT_EQ(during.early.size(), 1U);
  EXPECT_EQ(during.early[0].task, early);
  EXPECT_EQ(during.position, start);
  open.execute("COMMIT");
  const tasks::Changes after = list_after(during.position);
  ASSERT_EQ(after.changed.size(), 2U);
  EXPECT_EQ(after.changed[0].task, late);
  EXPECT_EQ(after.changed[0].state, tasks::State::CANCELED);
  EXPECT_EQ(after.changed[1].task, early);
}

/// Bells of one database, each as a process has it.
MakeBroker make_bells() {
  struct Site {
    std::string url = database::postgresql::make_migrated_database();
    SystemClock clock;
    Logger logger{LogLevel::error, LogFormat::text};
    std::unique_ptr<database::Database> database = database::open_database(url, {}, clock, logger).value();
  };
  return [site = std::make_shared<Site>()] { return site->database->open_bell().value(); };
}

INSTANTIATE_TEST_SUITE_P(PostgresqlBell, BrokerContract, testing::Values(make_bells));

}  // namespace
}  // namespace decant::contract
