#include "broker/pubsub/pubsub_administration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace decant::broker::pubsub {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using Grade = Finding::Grade;

/// What a project has.
struct Project {
  std::set<std::string> topics;
  std::map<std::string, SubscriptionSetup> subscriptions;
  Status refusal;
};

class FakeSetupService final : public SetupService {
 public:
  explicit FakeSetupService(Project& project) : project_(project) {}

  Status find_topic(const std::string& topic) override {
    return project_.topics.contains(topic) ? project_.refusal : Status{Code::not_found};
  }
  Status create_topic(const std::string& topic) override {
    if (!project_.refusal.is_ok()) return project_.refusal;
    return project_.topics.insert(topic).second ? Status{} : Status{Code::already_exists};
  }
  std::pair<Status, SubscriptionSetup> find_subscription(const std::string& name) override {
    const auto found = project_.subscriptions.find(name);
    if (found == project_.subscriptions.end()) return {{Code::not_found}, {}};
    return {project_.refusal, found->second};
  }
  Status create_subscription(const std::string& name, const SubscriptionSetup& setup) override {
    return project_.subscriptions.emplace(name, setup).second ? project_.refusal : Status{Code::already_exists};
  }
  Status update_subscription(const std::string& name, const SubscriptionSetup& setup) override {
    project_.subscriptions.at(name) = setup;
    return project_.refusal;
  }

 private:
  Project& project_;
};

class PubsubAdministrationTest : public testing::Test {
 protected:
  static std::vector<std::string> texts(const std::vector<Finding>& findings) {
    std::vector<std::string> texts;
    for (const Finding& finding : findings) texts.push_back(finding.text);
    return texts;
  }
  SubscriptionSetup& subscription() { return project_.subscriptions.at("projects/p/subscriptions/tasks-sub"); }
  bool is_ready() {
    const auto findings = administration_.check().value();
    return std::ranges::none_of(findings, [](const Finding& each) { return each.grade == Grade::wrong; });
  }

  Project project_;
  PubsubAdministration administration_{
      parse_address("p", {}).value(), {}, std::make_unique<FakeSetupService>(project_)};
};

TEST_F(PubsubAdministrationTest, MakesWhatIsMissing) {
  EXPECT_FALSE(is_ready());
  EXPECT_THAT(texts(administration_.create().value()),
              ElementsAre("made: projects/p/topics/tasks", "made: projects/p/topics/tasks-dead",
                          "made: projects/p/subscriptions/tasks-sub"));
  EXPECT_TRUE(is_ready());
  EXPECT_EQ(subscription().guarantee, Guarantee::exactly_once);
  EXPECT_EQ(subscription().dead_letter_topic, "projects/p/topics/tasks-dead");
}

TEST_F(PubsubAdministrationTest, ASecondTimeChangesNothing) {
  ASSERT_TRUE(administration_.create());
  EXPECT_THAT(texts(administration_.create().value()), Each(HasSubstr("there already")));
}

TEST_F(PubsubAdministrationTest, ChangesWhatCanBeChanged) {
  ASSERT_TRUE(administration_.create());
  subscription().guarantee = Guarantee::at_least_once;
  subscription().dead_letter_topic.clear();
  EXPECT_FALSE(is_ready());
  EXPECT_THAT(texts(administration_.create().value()), Contains("changed: projects/p/subscriptions/tasks-sub"));
  EXPECT_TRUE(is_ready());
  EXPECT_EQ(subscription().dead_letter_topic, "projects/p/topics/tasks-dead");
}

TEST_F(PubsubAdministrationTest, RefusesWhatCannotBeChanged) {
  const std::vector<void (*)(SubscriptionSetup&)> spoil = {
      [](SubscriptionSetup& setup) { setup.topic = "projects/p/topics/other"; },
      [](SubscriptionSetup& setup) { setup.delivery = SubscriptionSetup::Delivery::push; },
      [](SubscriptionSetup& setup) { setup.filter = "attributes.x"; },
      [](SubscriptionSetup& setup) { setup.state = SubscriptionSetup::State::out_of_order; },
  };
  for (const auto& each : spoil) {
    project_.subscriptions.clear();
    ASSERT_TRUE(administration_.create());
    each(subscription());
    EXPECT_FALSE(is_ready());
    const auto created = administration_.create();
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, ErrorCode::conflict);
    EXPECT_THAT(created.error().message, HasSubstr("tasks-sub"));
  }
}

TEST_F(PubsubAdministrationTest, WhatCouldBeBetterIsDoubtful) {
  ASSERT_TRUE(administration_.create());
  subscription().expires_after = std::chrono::hours(24 * 31);
  EXPECT_TRUE(is_ready());
  EXPECT_THAT(administration_.check().value(), Contains(Field(&Finding::grade, Grade::doubtful)));
}

TEST_F(PubsubAdministrationTest, DescribesWhatThereIs) {
  EXPECT_EQ(administration_.describe().error().code, ErrorCode::not_found);
  ASSERT_TRUE(administration_.create());
  EXPECT_THAT(administration_.describe().value(), Contains(testing::Pair("exactly-once delivery", "on")));
}

TEST_F(PubsubAdministrationTest, TellsOfARefusal) {
  project_.refusal = {Code::permission_denied, "no"};
  EXPECT_EQ(administration_.create().error().code, ErrorCode::forbidden);
  project_.topics = {"projects/p/topics/tasks", "projects/p/topics/tasks-dead"};
  EXPECT_EQ(administration_.check().error().code, ErrorCode::forbidden) << "that says nothing about the subscription";
}

}  // namespace
}  // namespace decant::broker::pubsub
