#include "contract/broker_contract.h"
#include "contract/direct_upload_store_contract.h"
#include "contract/outbox_contract.h"
#include "contract/sweep_store_contract.h"
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

  Stores connect() override {
    databases_.push_back(
        database::open_database(url_, {.ring_by_outbox = true, .whole_look_share = 1}, clock_, logger_).value());
    database::Database& opened = *databases_.back();
    return {opened.tasks(),  opened.uploads(), opened.queue(), opened.sweep(),
            opened.outbox(), opened.users(),   opened.stats(), opened.work()};
  }

 private:
  ManualClock& clock_;
  std::string url_ = database::postgresql::make_migrated_database();
  database::postgresql::LedDatabase led_{url_, clock_};
  Logger logger_{LogLevel::error, LogFormat::text};
  std::vector<std::unique_ptr<database::Database>> databases_;
};

const auto postgresql =
    testing::Values(MakeDatabase([](ManualClock& clock) { return std::make_unique<PostgresqlUnderTest>(clock); }));

INSTANTIATE_TEST_SUITE_P(Postgresql, TaskStoreContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, DirectUploadStoreContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, TaskQueueContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, SweepStoreContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, OutboxContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, TaskStatesContract, postgresql);
INSTANTIATE_TEST_SUITE_P(Postgresql, UserStoreContract, postgresql);

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
