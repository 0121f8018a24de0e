#include "metrics/counted_object_store.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "contract/fake_object_store.h"
#include "contract/object_store_contract.h"
#include "contract/temporary_folder.h"

namespace decant {

namespace metrics {
namespace {

using testing::HasSubstr;

class CountedObjectStoreTest : public testing::Test {
 protected:
  [[nodiscard]] std::string text() const { return metrics_.render({}); }

  ManualClock clock_;
  Metrics metrics_{"1", {}};
  std::unique_ptr<contract::FakeObjectStore> fake_ = std::make_unique<contract::FakeObjectStore>(clock_);
  contract::FakeObjectStore& store_ = *fake_;
  CountedObjectStore counted_{std::move(fake_), metrics_};
};

TEST_F(CountedObjectStoreTest, CountsEachCallByItsResult) {
  store_.insert("there", "text");
  EXPECT_TRUE(counted_.open("there"));
  EXPECT_FALSE(counted_.open("not-there"));
  EXPECT_FALSE(counted_.fetch("not-there"));
  EXPECT_TRUE(counted_.list([](const tasks::ObjectInfo&) { return true; }));
  const contract::TemporaryFolder folder;
  store_.fail_puts(Error{ErrorCode::unavailable, "away"});
  EXPECT_FALSE(counted_.put("new", SpoolFile::make(folder.path()).value()));
  for (const char* line : {"{operation=\"open\",result=\"ok\"} 1\n", "{operation=\"open\",result=\"not_found\"} 1\n",
                           "{operation=\"fetch\",result=\"not_found\"} 1\n", "{operation=\"list\",result=\"ok\"} 1\n",
                           "{operation=\"put\",result=\"unavailable\"} 1\n"}) {
    EXPECT_THAT(text(), HasSubstr(std::string("decant_object_store_requests_total") + line));
  }
}

}  // namespace
}  // namespace metrics

namespace contract {
namespace {

MakeObjectStore make_counted_store() {
  struct Place {
    SystemClock clock;
    metrics::Metrics metrics{"1", {}};
    std::shared_ptr<FakeObjectStore::Objects> objects = std::make_shared<FakeObjectStore::Objects>();
  };
  // A shared_ptr because the factory is copied.
  return [place = std::make_shared<Place>()] {
    return std::make_unique<metrics::CountedObjectStore>(
        std::make_unique<FakeObjectStore>(place->clock, place->objects), place->metrics);
  };
}

INSTANTIATE_TEST_SUITE_P(Counted, ObjectStoreContract, testing::Values(make_counted_store));

}  // namespace
}  // namespace contract
}  // namespace decant
