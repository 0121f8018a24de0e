#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

#include "base/file.h"
#include "base/ids.h"
#include "broker/pubsub/pubsub_administration.h"
#include "broker/pubsub/pubsub_broker.h"
#include "broker/pubsub/testing_pubsub_emulator.h"
#include "contract/broker_contract.h"

/// What holds for our own server holds for Google's emulator.
namespace decant::broker::pubsub {
namespace {

using testing::Contains;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::Pair;

constexpr std::chrono::seconds ample{20};
const SystemClock system_clock;

std::optional<TestingPubsubEmulator> emulator;

class StartEmulator : public testing::Environment {
 public:
  void SetUp() override {
    if (const auto reason = TestingPubsubEmulator::why_not()) GTEST_SKIP() << *reason;
    emulator.emplace();
  }
  void TearDown() override { emulator.reset(); }
};
[[maybe_unused]] testing::Environment* const started = testing::AddGlobalTestEnvironment(new StartEmulator);

Logger& quiet() {
  static Logger logger(LogLevel::error, LogFormat::text);
  return logger;
}

Address make_address() {
  return parse_address("test/t" + random_hex(8), {{"PUBSUB_EMULATOR_HOST", emulator->endpoint()}}).value();
}

std::unique_ptr<PubsubAdministration> make_administration(const Address& address) {
  return std::make_unique<PubsubAdministration>(address, AdministrationOptions{}, connect(address, {}).value().setup);
}

std::unique_ptr<tasks::Broker> open_broker(const Address& address) {
  PubsubOptions options;
  options.subscriber.leases.capacity = 8;
  return PubsubBroker::open(address, options, system_clock, quiet()).value();
}

contract::MakeBroker make_emulated_brokers() {
  const Address address = make_address();
  EXPECT_TRUE(make_administration(address)->create());
  return [address] { return open_broker(address); };
}

}  // namespace
}  // namespace decant::broker::pubsub

namespace decant::contract {
INSTANTIATE_TEST_SUITE_P(PubsubEmulator, BrokerContract, testing::Values(broker::pubsub::make_emulated_brokers));
}  // namespace decant::contract

namespace decant::broker::pubsub {
namespace {

/// What tests/interop/pubsub_client.cjs prints.
std::string run_google_client(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"node", DECANT_GOOGLE_CLIENT});
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::setenv("PUBSUB_EMULATOR_HOST", emulator->endpoint().c_str(), 1);
    ::setenv("NODE_PATH", DECANT_NODE_MODULES, 1);
    ::setenv("METADATA_SERVER_DETECTION", "none", 1);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  const Descriptor output{ends[0]};
  std::string text;
  std::array<char, 1024> buffer{};
  for (ssize_t got = 0; (got = ::read(output.get(), buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "Google's client failed";
  return text;
}

class PubsubEmulatorTest : public testing::Test {
 protected:
  Address address_ = make_address();
  std::unique_ptr<PubsubAdministration> administration_ = make_administration(address_);
};

TEST_F(PubsubEmulatorTest, IsSetUpAnyNumberOfTimes) {
  const auto before = administration_->check();
  ASSERT_TRUE(before) << before.error().describe();
  EXPECT_THAT(*before, Each(Field(&Finding::grade, Finding::Grade::wrong)));
  const auto created = administration_->create();
  ASSERT_TRUE(created) << created.error().describe();
  EXPECT_THAT(*created, Each(Field(&Finding::text, HasSubstr("made"))));
  const auto again = administration_->create();
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_THAT(*again, Each(Field(&Finding::text, HasSubstr("there already"))));
  EXPECT_THAT(administration_->check().value(), Each(Field(&Finding::grade, Finding::Grade::good)));
  EXPECT_THAT(administration_->describe().value(), Contains(Pair("exactly-once delivery", "on")));
}

TEST_F(PubsubEmulatorTest, AReleasedRingComesAgainAndItsOldDeliveryHasNoEffect) {
  ASSERT_TRUE(administration_->create());
  const auto broker = open_broker(address_);
  const tasks::TaskRef task{tasks::TaskId::make(system_clock.wall_now()), 3};
  ASSERT_TRUE(broker->ring(task));
  const auto first = broker->receive(ample).value();
  ASSERT_TRUE(first);
  ASSERT_TRUE(broker->release(*first));
  const auto second = broker->receive(ample).value();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->task->task, task.task);
  EXPECT_EQ(second->task->generation, 3);
  EXPECT_TRUE(broker->acknowledge(*first)) << "stale";
  EXPECT_TRUE(broker->acknowledge(*second));
  EXPECT_FALSE(broker->receive(std::chrono::milliseconds(200)).value());
}

TEST_F(PubsubEmulatorTest, GooglesClientReadsWhatWePublish) {
  ASSERT_TRUE(administration_->create());
  const tasks::TaskRef task{tasks::TaskId::make(system_clock.wall_now()), 2};
  ASSERT_TRUE(open_broker(address_)->ring(task));
  EXPECT_EQ(run_google_client({"pull", address_.project, address_.subscription}),
            R"({"task_id":")" + task.task.text() + R"(","generation":2})");
}

TEST_F(PubsubEmulatorTest, WeReadWhatGooglesClientPublishes) {
  ASSERT_TRUE(administration_->create());
  const tasks::TaskId task = tasks::TaskId::make(system_clock.wall_now());
  run_google_client({"publish", address_.project, address_.topic,
                     R"({ "generation": 7, "task_id": ")" + task.text() + R"(", "later": [] })"});
  const auto broker = open_broker(address_);
  const auto delivery = broker->receive(ample).value();
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->task->task, task);
  EXPECT_EQ(delivery->task->generation, 7);
  EXPECT_TRUE(broker->acknowledge(*delivery));
}

TEST_F(PubsubEmulatorTest, AMissingSubscriptionIsTold) {
  const auto broker = open_broker(address_);
  const auto heard = broker->receive(ample);
  ASSERT_FALSE(heard);
  EXPECT_EQ(heard.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace decant::broker::pubsub
