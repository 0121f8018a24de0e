#include "broker/pubsub/pubsub_broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <semaphore>
#include <thread>

#include "base/manual_clock.h"
#include "broker/message.h"
#include "broker/pubsub/testing_pubsub_broker.h"
#include "broker/pubsub/testing_pubsub_server.h"
#include "contract/broker_contract.h"

namespace decant::broker::pubsub {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using Server = TestingPubsubServer;
using Call = Server::Call;
using Fate = Server::Fate;
using Effect = Server::Fate::Effect;

constexpr auto ample = 20s;
const SystemClock system_clock;

Logger& quiet() {
  static Logger logger(LogLevel::error, LogFormat::text);
  return logger;
}

contract::MakeBroker make_testing_brokers() {
  // Shared by the copies of the std::function.
  return [server = std::make_shared<Server>()] {
    return open_testing_broker(*server, testing_options(), system_clock, quiet());
  };
}

}  // namespace
}  // namespace decant::broker::pubsub

namespace decant::contract {
INSTANTIATE_TEST_SUITE_P(PubsubServer, BrokerContract, testing::Values(broker::pubsub::make_testing_brokers));
}  // namespace decant::contract

namespace decant::broker::pubsub {
namespace {

class PubsubBrokerTest : public testing::Test {
 protected:
  ~PubsubBrokerTest() override {
    broker_.reset();
    EXPECT_THAT(server_.violations(), IsEmpty());
  }

  void open(const PubsubOptions& options = testing_options()) {
    broker_ = open_testing_broker(server_, options, system_clock, quiet());
  }
  static tasks::TaskRef make_task() { return {tasks::TaskId::make(ManualClock().wall_now()), 1}; }
  std::optional<tasks::Delivery> receive(std::chrono::milliseconds timeout = ample) {
    return broker_->receive(timeout).value();
  }
  tasks::Delivery receive_one() {
    auto delivery = receive();
    EXPECT_TRUE(delivery);
    return delivery.value_or(tasks::Delivery{});
  }
  /// The next calls of that kind end so.
  void fail(Call call, int times, const Fate& fate) {
    server_.plan([this, call, fate, last = server_.count(call) + times](Call made) {
      return made == call && server_.count(call) <= last ? fate : Fate{};
    });
  }

  Server server_;
  std::unique_ptr<tasks::Broker> broker_;
};

TEST_F(PubsubBrokerTest, OpensNoStreamBeforeSomebodyListens) {
  open();
  ASSERT_TRUE(broker_->ring(make_task()));
  EXPECT_EQ(server_.count(Call::open_stream), 0) << "the web tier takes no rings from workers";
}

TEST_F(PubsubBrokerTest, PublishesManyInOneCall) {
  open();
  const std::vector<tasks::TaskRef> tasks(2500, make_task());
  ASSERT_TRUE(broker_->publish(tasks));
  EXPECT_EQ(server_.count(Call::publish), 3);
  EXPECT_EQ(server_.published(), 2500U);
}

TEST_F(PubsubBrokerTest, RetriesToPublishUntilItIsConfirmed) {
  open();
  fail(Call::publish, 3, {Code::unavailable, Effect::nothing});
  EXPECT_TRUE(broker_->ring(make_task()));
  EXPECT_EQ(server_.published(), 1U);
}

TEST_F(PubsubBrokerTest, Pitfall8APublishWhoseAnswerIsLostIsPublishedTwice) {
  open();
  fail(Call::publish, 1, {Code::deadline_exceeded, Effect::carried_out});
  EXPECT_TRUE(broker_->ring(make_task()));
  EXPECT_EQ(server_.published(), 2U) << "a ring too many is harmless, one too few is not";
}

TEST_F(PubsubBrokerTest, SaysWhyItCannotPublish) {
  open();
  fail(Call::publish, 1, {Code::permission_denied, Effect::nothing});
  const auto rung = broker_->ring(make_task());
  ASSERT_FALSE(rung);
  EXPECT_EQ(rung.error().code, ErrorCode::forbidden);
  EXPECT_EQ(server_.count(Call::publish), 1) << "it would not be better the next time";
}

TEST_F(PubsubBrokerTest, WhoEndsPublishesOnceMoreAndWaitsForNobody) {
  open();
  broker_->interrupt();
  EXPECT_TRUE(broker_->ring(make_task())) << "what was given back is rung for by who gave it back";
  fail(Call::publish, 1'000'000, {Code::unavailable, Effect::nothing});
  EXPECT_FALSE(broker_->ring(make_task()));
  EXPECT_EQ(server_.count(Call::publish), 2);
}

TEST_F(PubsubBrokerTest, AnAcknowledgmentIsConfirmed) {
  open();
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto delivery = receive_one();
  EXPECT_EQ(server_.extensions(), std::vector{60}) << "the receipt";
  ASSERT_TRUE(broker_->acknowledge(delivery));
  EXPECT_EQ(server_.acknowledged(), 1U);
  EXPECT_EQ(server_.outstanding(), 0U);
}

TEST_F(PubsubBrokerTest, AReleasedRingComesAgainAtOnce) {
  open();
  const tasks::TaskRef task = make_task();
  ASSERT_TRUE(broker_->ring(task));
  const auto first = receive_one();
  ASSERT_TRUE(broker_->release(first));
  const auto second = receive_one();
  EXPECT_EQ(second.task->task, task.task);
  EXPECT_NE(second.ack_id, first.ack_id);
}

TEST_F(PubsubBrokerTest, AHostileMessageIsAcknowledgedAwayAndTheNextIsHeard) {
  open();
  const tasks::TaskRef task = make_task();
  for (const std::string& text : {std::string(), std::string("{}"), std::string("__import__('os').system('id')"),
                                  std::string(100'000, '['), std::string("\xff\xfe\x00", 3)}) {
    server_.publish(text);
  }
  server_.publish(encode_message(task));
  EXPECT_EQ(receive_one().task->task, task.task);
  EXPECT_TRUE(server_.wait_until([&] { return server_.acknowledged() == 5; }));
}

TEST_F(PubsubBrokerTest, Pitfall1AnOldDeliveryHasNoEffectOnTheNewOne) {
  open();
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto old = receive_one();
  server_.expire_leases();
  const auto current = receive_one();
  EXPECT_TRUE(broker_->acknowledge(old)) << "it is nobody's any more: the database has decided";
  EXPECT_TRUE(broker_->release(old));
  EXPECT_EQ(server_.acknowledged(), 0U);
  EXPECT_TRUE(broker_->acknowledge(current));
  EXPECT_EQ(server_.acknowledged(), 1U);
}

TEST_F(PubsubBrokerTest, Pitfall1AWorkerLearnsThatItsLeaseIsLost) {
  PubsubOptions options = testing_options();
  options.subscriber.leases.extend_every = 1ms;
  open(options);
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto old = receive_one();
  server_.expire_leases();
  Result<void> kept;
  for (const auto end = std::chrono::steady_clock::now() + ample; kept && std::chrono::steady_clock::now() < end;) {
    std::this_thread::yield();
    kept = broker_->extend(old, 60s);
  }
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, ErrorCode::lost_lease);
}

TEST_F(PubsubBrokerTest, ExtendsWhatIsWorkedOn) {
  PubsubOptions options = testing_options();
  options.subscriber.leases.extend_every = 5ms;
  open(options);
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto delivery = receive_one();
  EXPECT_TRUE(server_.wait_until([&] { return server_.extensions().size() >= 4; }));
  EXPECT_TRUE(broker_->acknowledge(delivery));
}

TEST_F(PubsubBrokerTest, Pitfall3ALostAnswerToAnAcknowledgmentIsAskedForAgain) {
  open();
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto delivery = receive_one();
  fail(Call::acknowledge, 1, {Code::unavailable, Effect::carried_out});
  EXPECT_TRUE(broker_->acknowledge(delivery)) << "INVALID_ACK_ID of the second try means: unknown";
  EXPECT_EQ(server_.count(Call::acknowledge), 2);
  EXPECT_EQ(server_.acknowledged(), 1U);
}

TEST_F(PubsubBrokerTest, AnAcknowledgmentThatNobodyConfirmsIsAnError) {
  open();
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto delivery = receive_one();
  fail(Call::acknowledge, 1'000'000, {Code::unavailable, Effect::nothing});
  const auto acknowledged = broker_->acknowledge(delivery);
  ASSERT_FALSE(acknowledged);
  EXPECT_EQ(acknowledged.error().code, ErrorCode::unavailable);
  EXPECT_GT(server_.count(Call::acknowledge), 1);
}

TEST_F(PubsubBrokerTest, Pitfall4SixHundredFailuresAreToldOneByOne) {
  open(testing_options(600));
  const std::vector<tasks::TaskRef> tasks(600, make_task());
  ASSERT_TRUE(broker_->publish(tasks));
  std::vector<tasks::Delivery> deliveries;
  while (deliveries.size() < tasks.size()) deliveries.push_back(receive_one());
  server_.plan([](Call call) {
    return call == Call::acknowledge
               ? Fate{Code::failed_precondition, Effect::nothing, "PERMANENT_FAILURE_INVALID_ACK_ID"}
               : Fate{};
  });
  for (const auto& delivery : deliveries) ASSERT_TRUE(broker_->acknowledge(delivery));
  EXPECT_EQ(server_.count(Call::acknowledge), 600) << "none is retried, for all are final";
}

TEST_F(PubsubBrokerTest, Pitfall4AnAnswerThatNamesSixHundredFailuresIsRead) {
  open();
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto delivery = receive_one();
  fail(Call::acknowledge, 1, {Code::failed_precondition, Effect::nothing, "PERMANENT_FAILURE_INVALID_ACK_ID", 600});
  EXPECT_TRUE(broker_->acknowledge(delivery));
  EXPECT_EQ(server_.count(Call::acknowledge), 1) << "it did not arrive as an INTERNAL that looks transient";
}

TEST_F(PubsubBrokerTest, Pitfall4HalfOfABatchFailsAndTheOtherHalfIsDone) {
  open(testing_options(40));
  const std::vector<tasks::TaskRef> tasks(40, make_task());
  ASSERT_TRUE(broker_->publish(tasks));
  std::vector<tasks::Delivery> deliveries;
  while (deliveries.size() < tasks.size()) deliveries.push_back(receive_one());
  std::atomic<int> asked = 0;
  server_.plan([&](Call call) {
    if (call != Call::acknowledge || ++asked % 2 == 0) return Fate{};
    return Fate{Code::failed_precondition, Effect::nothing, "TRANSIENT_FAILURE_SERVICE_UNAVAILABLE"};
  });
  for (const auto& delivery : deliveries) EXPECT_TRUE(broker_->acknowledge(delivery));
  EXPECT_EQ(server_.acknowledged(), 40U) << "what failed for now is tried again";
}

TEST_F(PubsubBrokerTest, Pitfall5WithoutAConfirmedReceiptNothingIsHandedOut) {
  open();
  server_.plan([](Call call) {
    return call == Call::extend ? Fate{Code::failed_precondition, Effect::nothing, "PERMANENT_FAILURE_INVALID_ACK_ID"}
                                : Fate{};
  });
  ASSERT_TRUE(broker_->ring(make_task()));
  EXPECT_FALSE(receive(50ms));
  ASSERT_EQ(server_.count(Call::extend), 1);
  server_.plan({});
  server_.expire_leases();
  EXPECT_TRUE(receive()) << "the next delivery is as good as any";
}

TEST_F(PubsubBrokerTest, Pitfall5AReceiptIsRetriedUntilItIsConfirmed) {
  open();
  fail(Call::extend, 2, {Code::failed_precondition, Effect::nothing, "TRANSIENT_FAILURE_INVALID_ACK_ID"});
  ASSERT_TRUE(broker_->ring(make_task()));
  EXPECT_TRUE(receive());
  EXPECT_EQ(server_.count(Call::extend), 3);
}

class PubsubStreamEnd : public PubsubBrokerTest, public testing::WithParamInterface<Code> {};

TEST_P(PubsubStreamEnd, Pitfall6AStreamThatClosesIsReopenedAndNothingIsLost) {
  open();
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto before = receive_one();
  server_.end_streams(GetParam());
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto after = receive_one();
  EXPECT_TRUE(broker_->acknowledge(before)) << "acknowledgments do not need the stream";
  EXPECT_TRUE(broker_->acknowledge(after));
  EXPECT_EQ(server_.acknowledged(), 2U);
  const auto clients = server_.client_ids();
  ASSERT_GE(clients.size(), 2U);
  EXPECT_THAT(clients, testing::Each(clients.front())) << "the service knows it again";
}
INSTANTIATE_TEST_SUITE_P(Codes, PubsubStreamEnd,
                         testing::Values(Code::ok, Code::unavailable, Code::internal, Code::deadline_exceeded,
                                         Code::resource_exhausted, Code::aborted));

TEST_F(PubsubBrokerTest, Pitfall6AMissingSubscriptionIsToldAndFoundWhenItIsThere) {
  PubsubOptions options = testing_options();
  options.subscriber.stream.refused_pause = 50ms;
  open(options);
  server_.refuse_streams(Code::not_found);
  const auto refused = broker_->receive(ample);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  server_.refuse_streams(Code::ok);
  ASSERT_TRUE(broker_->ring(make_task()));
  Result<std::optional<tasks::Delivery>> heard = std::nullopt;
  for (const auto end = std::chrono::steady_clock::now() + ample;
       !(heard && *heard) && std::chrono::steady_clock::now() < end;) {
    heard = broker_->receive(ample);
  }
  EXPECT_TRUE(heard && *heard);
}

TEST_F(PubsubBrokerTest, Pitfall6AfterARefusalItDoesNotHammerTheService) {
  open();
  server_.refuse_streams(Code::permission_denied);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(broker_->receive(1ms).value_or(std::nullopt));
  EXPECT_LE(server_.count(Call::open_stream), 1);
}

TEST_F(PubsubBrokerTest, Pitfall6ASilentStreamIsGivenUp) {
  PubsubOptions options = testing_options();
  options.subscriber.stream.longest_silence = 50ms;
  open(options);
  auto heard = std::async(std::launch::async, [&] { return receive().has_value(); });
  ASSERT_TRUE(server_.wait_until([&] { return server_.open_streams() == 1; }));
  server_.silence_streams();
  ASSERT_TRUE(broker_->ring(make_task()));
  EXPECT_TRUE(heard.get());
  EXPECT_GE(server_.count(Call::open_stream), 2);
}

TEST_F(PubsubBrokerTest, PingsItsStream) {
  PubsubOptions options = testing_options();
  options.subscriber.stream.ping_every = 5ms;
  open(options);
  EXPECT_FALSE(receive(0ms));
  EXPECT_TRUE(server_.wait_until([&] { return server_.pings() >= 3; }));
}

TEST_F(PubsubBrokerTest, Pitfall7ExactlyOnceSwitchedInAStream) {
  open();
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto exactly_once = receive_one();
  server_.set_exactly_once(false);
  // Only a new kind of answer proves that the switch has arrived: receipts no longer matter.
  server_.plan(
      [](Call call) { return call == Call::extend ? Fate{Code::permission_denied, Effect::nothing} : Fate{}; });
  ASSERT_TRUE(broker_->ring(make_task()));
  const auto at_least_once = receive_one();
  server_.plan({});
  EXPECT_TRUE(broker_->acknowledge(exactly_once));
  EXPECT_TRUE(broker_->acknowledge(at_least_once));
  server_.set_exactly_once(true);
  server_.plan(
      [](Call call) { return call == Call::extend ? Fate{Code::permission_denied, Effect::nothing} : Fate{}; });
  ASSERT_TRUE(broker_->ring(make_task()));
  EXPECT_FALSE(receive(50ms)) << "and now they do";
}

TEST_F(PubsubBrokerTest, Pitfall7NeverHasMoreThanItsSlots) {
  open(testing_options(2));
  const std::vector<tasks::TaskRef> tasks(10, make_task());
  ASSERT_TRUE(broker_->publish(tasks));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(broker_->acknowledge(receive_one()));
  EXPECT_EQ(server_.flow_limit(), 2);
  EXPECT_EQ(server_.most_outstanding(), 2U);
}

TEST_F(PubsubBrokerTest, Pitfall7WhatAServerSendsBeyondTheLimitIsGivenBack) {
  server_.ignore_flow_control();
  const std::vector<tasks::TaskRef> tasks(10, make_task());
  open(testing_options(2));
  ASSERT_TRUE(broker_->publish(tasks));
  ASSERT_TRUE(receive());
  ASSERT_TRUE(receive());
  EXPECT_FALSE(receive(50ms)) << "both slots are taken";
  EXPECT_EQ(server_.extensions().size(), 2U) << "of the rest no receipt was sent";
}

TEST_F(PubsubBrokerTest, Pitfall7AnInterruptDuringTheReceiptGivesBackAfterIt) {
  open();
  std::binary_semaphore receipt_is_on_its_way{0};
  std::binary_semaphore interrupted{0};
  server_.plan([&](Call call) {
    if (call == Call::extend) {
      receipt_is_on_its_way.release();
      EXPECT_TRUE(interrupted.try_acquire_for(ample));
    }
    return Fate{};
  });
  auto heard = std::async(std::launch::async, [&] { return receive().has_value(); });
  ASSERT_TRUE(broker_->ring(make_task()));
  ASSERT_TRUE(receipt_is_on_its_way.try_acquire_for(ample));
  broker_->interrupt();
  interrupted.release();
  EXPECT_FALSE(heard.get());
  EXPECT_TRUE(server_.wait_until([&] { return server_.waiting() == 1; })) << "another worker can have it now";
  EXPECT_GE(server_.count(Call::give_back), 1) << "as often as it is brought again";
}

TEST_F(PubsubBrokerTest, Pitfall7AReleaseWaitsForTheExtensionThatIsOnItsWay) {
  PubsubOptions options = testing_options();
  options.subscriber.leases.extend_every = 1ms;
  open(options);
  ASSERT_TRUE(broker_->ring(make_task()));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(broker_->release(receive_one()));
}

TEST_F(PubsubBrokerTest, Pitfall16ADrainGivesBackWhatNobodyTookAndKeepsWhatIsWorkedOn) {
  PubsubOptions options = testing_options(4);
  options.subscriber.leases.extend_every = 5ms;
  open(options);
  const std::vector<tasks::TaskRef> tasks(10, make_task());
  ASSERT_TRUE(broker_->publish(tasks));
  const auto worked_on = receive_one();
  ASSERT_TRUE(server_.wait_until([&] { return server_.outstanding() == 4; }));
  broker_->interrupt();
  EXPECT_TRUE(server_.wait_until([&] { return server_.waiting() == 9 && server_.open_streams() == 0; }));
  const auto extended = server_.extensions().size();
  EXPECT_TRUE(server_.wait_until([&] { return server_.extensions().size() > extended + 1; }));
  EXPECT_TRUE(broker_->acknowledge(worked_on));
  EXPECT_EQ(server_.acknowledged(), 1U);
  EXPECT_EQ(server_.outstanding(), 0U);
}

TEST_F(PubsubBrokerTest, Pitfall16ADrainDoesNotWaitForAServiceThatIsAway) {
  open();
  const std::vector<tasks::TaskRef> tasks(8, make_task());
  ASSERT_TRUE(broker_->publish(tasks));
  ASSERT_TRUE(receive());
  ASSERT_TRUE(server_.wait_until([&] { return server_.extensions().size() == 8; }));
  fail(Call::give_back, 1'000'000, {Code::unavailable, Effect::nothing});
  const auto before = std::chrono::steady_clock::now();
  broker_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 7 * testing_options().subscriber.retry.longest)
      << "one ring is tried to be given back, the other six run out by themselves";
}

TEST_F(PubsubBrokerTest, WhileEverySlotIsBusyItHoldsNoRingsOfOthers) {
  PubsubOptions options = testing_options(4);
  options.subscriber.listening_grace = 20ms;
  options.subscriber.leases.longest_wait = 20ms;
  open(options);
  const std::vector<tasks::TaskRef> tasks(3, make_task());
  ASSERT_TRUE(broker_->publish(tasks));
  const auto taken = receive_one();
  EXPECT_TRUE(server_.wait_until([&] { return server_.waiting() == 2 && server_.open_streams() == 0; }));
  EXPECT_TRUE(receive()) << "who listens again hears them";
  EXPECT_TRUE(broker_->acknowledge(taken));
}

TEST_F(PubsubBrokerTest, OutlivesAServiceThatIsAway) {
  // Nothing listens on the port any more.
  auto gone = std::make_unique<Server>();
  const auto broker = open_testing_broker(*gone, testing_options(), system_clock, quiet());
  gone.reset();
  EXPECT_FALSE(broker->receive(20ms).value());
  broker->interrupt();
}

TEST(PubsubCredentials, Pitfall17WithoutCredentialsItFailsWithAClearText) {
  ASSERT_EQ(setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/key.json", 1), 0);
  const auto broker = PubsubBroker::open(parse_address("test", {}).value(), testing_options(), system_clock, quiet());
  ASSERT_FALSE(broker);
  EXPECT_EQ(broker.error().code, ErrorCode::unauthenticated);
  EXPECT_THAT(broker.error().message, HasSubstr("GOOGLE_APPLICATION_CREDENTIALS"));
  EXPECT_THAT(broker.error().message, HasSubstr("PUBSUB_EMULATOR_HOST"));
}

}  // namespace
}  // namespace decant::broker::pubsub
