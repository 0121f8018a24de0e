#include "broker/database/bell_file.h"

#include <gtest/gtest.h>

#include "contract/broker_contract.h"
#include "contract/fake_broker.h"
#include "contract/temporary_folder.h"

namespace decant::broker {
namespace {

using contract::BrokerContract;
using contract::MakeBroker;
using contract::TemporaryFolder;

Logger& quiet() {
  static Logger logger(LogLevel::error, LogFormat::text);
  return logger;
}

MakeBroker make_bell_files() {
  // Shared by the copies of the std::function.
  return [folder = std::make_shared<TemporaryFolder>()] {
    return BellFile::open(folder->path() / "bell", quiet()).value();
  };
}

MakeBroker make_fakes() {
  return
      [bell = std::make_shared<contract::FakeBroker::Bell>()] { return std::make_unique<contract::FakeBroker>(bell); };
}

INSTANTIATE_TEST_SUITE_P(BellFile, BrokerContract, testing::Values(make_bell_files));
INSTANTIATE_TEST_SUITE_P(Fake, BrokerContract, testing::Values(make_fakes));

class BellFileTest : public testing::Test {
 protected:
  bool hears(std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    return bell_->receive(timeout).value().has_value();
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "bell";
  std::unique_ptr<tasks::Broker> bell_ = BellFile::open(path_, quiet()).value();
};

TEST_F(BellFileTest, RingsCoalesce) {
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(bell_->ring({}));
  EXPECT_TRUE(hears());
  EXPECT_FALSE(hears(std::chrono::milliseconds(0)));
}

TEST_F(BellFileTest, RingingWritesNothing) {
  const auto before = std::filesystem::last_write_time(path_);
  ASSERT_TRUE(bell_->ring({}));
  EXPECT_EQ(std::filesystem::last_write_time(path_), before);
  EXPECT_EQ(std::filesystem::file_size(path_), 0U);
}

TEST_F(BellFileTest, Pitfall8SurvivesTheLossOfItsFile) {
  std::filesystem::remove(path_);
  EXPECT_TRUE(hears()) << "a lost bell counts as rung, for a ring may have been lost with it";
  ASSERT_TRUE(bell_->ring({}));
  EXPECT_TRUE(hears());
}

TEST(BellFile, SaysWhereItCannotBe) {
  const TemporaryFolder folder;
  const auto bell = BellFile::open(folder.path() / "none" / "bell", quiet());
  ASSERT_FALSE(bell);
  EXPECT_THAT(bell.error().describe(), testing::HasSubstr("none/bell"));
}

}  // namespace
}  // namespace decant::broker
