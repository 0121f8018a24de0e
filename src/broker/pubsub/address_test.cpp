#include "broker/pubsub/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace decant::broker::pubsub {
namespace {

TEST(PubsubAddress, NamesProjectTopicAndSubscription) {
  const auto address = parse_address("my-project/rings?subscription=eu-workers&dead_letter_topic=lost", {});
  ASSERT_TRUE(address) << address.error().describe();
  EXPECT_EQ(address->topic_name(), "projects/my-project/topics/rings");
  EXPECT_EQ(address->subscription_name(), "projects/my-project/subscriptions/eu-workers");
  EXPECT_EQ(address->dead_letter_topic_name(), "projects/my-project/topics/lost");
  EXPECT_EQ(address->endpoint, "pubsub.googleapis.com:443");
  EXPECT_EQ(address->transport, Address::Transport::tls);
}

TEST(PubsubAddress, HasDefaultsForAllButTheProject) {
  for (const char* rest : {"my-project", "my-project/", "my-project/tasks"}) {
    const auto address = parse_address(rest, {});
    ASSERT_TRUE(address) << rest;
    EXPECT_EQ(address->topic, "tasks") << rest;
    EXPECT_EQ(address->subscription, "tasks-sub") << rest;
    EXPECT_EQ(address->dead_letter_topic, "tasks-dead") << rest;
  }
}

TEST(PubsubAddress, TakesTheProjectFromTheEnvironment) {
  const std::map<std::string, std::string> environment{{"GOOGLE_CLOUD_PROJECT", "other-project"}};
  EXPECT_EQ(parse_address("/tasks", environment).value().project, "other-project");
  EXPECT_EQ(parse_address("", environment).value().project, "other-project");
  EXPECT_EQ(parse_address("mine/tasks", environment).value().project, "mine");
  EXPECT_THAT(parse_address("/tasks", {}).error().message, testing::HasSubstr("GOOGLE_CLOUD_PROJECT"));
}

TEST(PubsubAddress, TakesADomainsProject) {
  EXPECT_EQ(parse_address("/tasks", {{"GOOGLE_CLOUD_PROJECT", "example.com:mine"}}).value().project,
            "example.com:mine");
}

TEST(PubsubAddress, TakesARegionalEndpoint) {
  EXPECT_EQ(parse_address("p/tasks?endpoint=europe-west1-pubsub.googleapis.com", {}).value().endpoint,
            "europe-west1-pubsub.googleapis.com:443");
  EXPECT_EQ(parse_address("p/tasks?endpoint=private.example:8443", {}).value().endpoint, "private.example:8443");
  EXPECT_EQ(parse_address("p/tasks?endpoint=%5B::1%5D", {}).value().endpoint, "[::1]:443");
}

TEST(PubsubAddress, AnEmulatorIsSpokenToInClearText) {
  const auto address =
      parse_address("p/tasks?endpoint=europe-west1-pubsub.googleapis.com", {{"PUBSUB_EMULATOR_HOST", "[::1]:8085"}});
  EXPECT_EQ(address.value().endpoint, "[::1]:8085");
  EXPECT_EQ(address.value().transport, Address::Transport::clear_text);
}

TEST(PubsubAddress, RefusesWhatTheServiceWouldRefuse) {
  for (const char* rest :
       {"p/a", "p/goog-topic", "p/1topic", "p/tasks/more", "p/tasks?subscription=a%2Fb", "p/tasks?sub=x", "1p/tasks",
        "user@p/tasks", "p/tasks#here", "p/tasks?endpoint=a%20b", "p/ta sks", "p/tasks?endpoint=http://x"}) {
    const auto address = parse_address(rest, {});
    ASSERT_FALSE(address) << rest;
    EXPECT_EQ(address.error().code, ErrorCode::invalid_argument) << rest;
  }
}

}  // namespace
}  // namespace decant::broker::pubsub
