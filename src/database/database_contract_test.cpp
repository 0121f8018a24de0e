#include "contract/direct_upload_store_contract.h"
#include "contract/fake_database.h"
#include "contract/outbox_contract.h"
#include "contract/sweep_store_contract.h"
#include "contract/task_changes_contract.h"
#include "contract/task_queue_contract.h"
#include "contract/task_states_contract.h"
#include "contract/task_store_contract.h"
#include "contract/temporary_folder.h"
#include "contract/user_store_contract.h"
#include "database/database.h"

namespace decant::contract {
namespace {

class SqliteUnderTest final : public DatabaseUnderTest {
 public:
  explicit SqliteUnderTest(const Clock& clock) : clock_(clock) {
    if (!database::migrate(url_, {}, clock_, logger_)) throw std::runtime_error("migrate");
  }
  Stores connect() override {
    databases_.push_back(database::open_database(url_, {.ring_by_outbox = true}, clock_, logger_).value());
    database::Database& opened = *databases_.back();
    return {opened.tasks(),  opened.uploads(), opened.queue(), opened.sweep(), opened.changes(),
            opened.outbox(), opened.users(),   opened.stats(), opened.work()};
  }
  ~SqliteUnderTest() override { EXPECT_TRUE(databases_.front()->check_integrity()); }

 private:
  const Clock& clock_;
  TemporaryFolder folder_{"/dev/shm"};  // in memory, where a flush to disk costs nothing
  std::string url_ = "sqlite://" + (folder_.path() / "decant.db").string();
  Logger logger_{LogLevel::error, LogFormat::text};
  std::vector<std::unique_ptr<database::Database>> databases_;
};

class FakeUnderTest final : public DatabaseUnderTest {
 public:
  explicit FakeUnderTest(const Clock& clock) : database_(clock) {}
  Stores connect() override {
    return {database_, database_, database_, database_, database_, database_, database_, database_, database_};
  }

 private:
  FakeDatabase database_;
};

const auto databases =
    testing::Values(MakeDatabase([](ManualClock& clock) { return std::make_unique<SqliteUnderTest>(clock); }),
                    MakeDatabase([](ManualClock& clock) { return std::make_unique<FakeUnderTest>(clock); }));

std::string name_of(const testing::TestParamInfo<MakeDatabase>& info) { return info.index == 0 ? "Sqlite" : "Fake"; }

INSTANTIATE_TEST_SUITE_P(Databases, TaskStoreContract, databases, name_of);
INSTANTIATE_TEST_SUITE_P(Databases, DirectUploadStoreContract, databases, name_of);
INSTANTIATE_TEST_SUITE_P(Databases, TaskQueueContract, databases, name_of);
INSTANTIATE_TEST_SUITE_P(Databases, SweepStoreContract, databases, name_of);
INSTANTIATE_TEST_SUITE_P(Databases, TaskChangesContract, databases, name_of);
INSTANTIATE_TEST_SUITE_P(Databases, OutboxContract, databases, name_of);
INSTANTIATE_TEST_SUITE_P(Databases, TaskStatesContract, databases, name_of);
INSTANTIATE_TEST_SUITE_P(Databases, UserStoreContract, databases, name_of);

}  // namespace
}  // namespace decant::contract
