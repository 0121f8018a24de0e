#include "broker/broker_opener.h"

#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "contract/temporary_folder.h"

namespace decant::broker {
namespace {

TEST(BrokerOpener, OpensTheBellOfADataFolder) {
  const contract::TemporaryFolder folder;
  const ManualClock clock;
  Logger logger(LogLevel::error, LogFormat::text);
  const auto one = open_broker("database:", {folder.path()}, clock, logger);
  const auto two = open_broker("database:", {folder.path()}, clock, logger);
  ASSERT_TRUE(one && two);
  ASSERT_TRUE((*one)->ring({}));
  EXPECT_TRUE((*two)->receive(std::chrono::seconds(20)).value());
}

TEST(BrokerOpener, RefusesOtherUrls) {
  const ManualClock clock;
  Logger logger(LogLevel::error, LogFormat::text);
  for (const char* url : {"", "database", "database:x", "nats://", "tls://a?x=1", "pubsub://project/a/b"}) {
    const auto broker = open_broker(url, {"/nonexistent"}, clock, logger);
    ASSERT_FALSE(broker) << url;
    EXPECT_EQ(broker.error().code, ErrorCode::invalid_argument) << url;
    EXPECT_THAT(broker.error().message, testing::HasSubstr("broker")) << url;
  }
}

TEST(BrokerOpener, SaysWhereThereIsNothingToSetUp) {
  for (const char* url : {"database:", "nats://localhost/tasks", "tls://localhost/tasks"}) {
    const auto administration = open_administration(url, {});
    ASSERT_FALSE(administration) << url;
    EXPECT_THAT(administration.error().message, testing::HasSubstr("by itself")) << url;
  }
  EXPECT_FALSE(open_administration("", {}));
}

}  // namespace
}  // namespace decant::broker
