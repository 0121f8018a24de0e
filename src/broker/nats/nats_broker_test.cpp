#include "broker/nats/nats_broker.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>

#include "broker/nats/testing_cluster.h"
#include "contract/broker_contract.h"

namespace decant::broker::nats {
namespace {

using namespace std::chrono_literals;
using contract::BrokerContract;

constexpr std::chrono::seconds ample{30};  // never waited out where the test passes

Logger& quiet() {
  static Logger logger(LogLevel::error, LogFormat::text);
  return logger;
}

/// One for all tests: it takes seconds to agree on a leader. Gone at the end of main(), before libnats is.
class SharedCluster : public testing::Environment {
 public:
  static inline std::unique_ptr<TestingCluster> cluster;  // NOLINT: of GoogleTest's environment
  void SetUp() override {
    if (!TestingCluster::is_installed()) GTEST_SKIP() << "nats-server is not installed";
    cluster = std::make_unique<TestingCluster>(3);
    cluster->wait_until_ready();
  }
  void TearDown() override { cluster.reset(); }
};

const auto* const shared_cluster = testing::AddGlobalTestEnvironment(new SharedCluster);

std::string make_stream_name() {
  static int count = 0;
  return fmt::format("stream-{}", ++count);
}

Result<std::unique_ptr<tasks::Broker>> open(const std::string& rest, std::chrono::milliseconds lease = 60s) {
  DECANT_TRY(Address address, parse_address(rest, Address::Transport::clear_text));
  return NatsBroker::open(std::move(address), lease, quiet());
}

contract::MakeBroker make_brokers_of_a_cluster() {
  return [rest = SharedCluster::cluster->hosts() + "/" + make_stream_name()] { return open(rest).value(); };
}

INSTANTIATE_TEST_SUITE_P(Nats, BrokerContract, testing::Values(make_brokers_of_a_cluster));

/// Somebody at the same servers who is no decant.
class Stranger {
 public:
  explicit Stranger(const std::string& hosts) {
    natsConnection* connection = nullptr;
    EXPECT_EQ(natsConnection_ConnectTo(&connection, hosts.c_str()), NATS_OK);
    connection_.reset(connection);
    jsCtx* context = nullptr;
    EXPECT_EQ(natsConnection_JetStream(&context, connection, nullptr), NATS_OK);
    stream_.reset(context);
  }

  [[nodiscard]] jsCtx* stream() { return stream_.get(); }
  std::uint64_t count_messages(const std::string& stream) {
    jsStreamInfo* info = nullptr;
    js_GetStreamInfo(&info, stream_.get(), stream.c_str(), nullptr, nullptr);
    const StreamInfoHandle found(info);
    return found ? found->State.Msgs : std::numeric_limits<std::uint64_t>::max();
  }
  bool becomes_empty(const std::string& stream) {
    const auto give_up = std::chrono::steady_clock::now() + ample;
    while (std::chrono::steady_clock::now() < give_up) {
      if (count_messages(stream) == 0) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  natsStatus publish(const std::string& subject, std::string_view bytes) {
    return js_Publish(nullptr, stream_.get(), subject.c_str(), bytes.data(), static_cast<int>(bytes.size()), nullptr,
                      nullptr);
  }

 private:
  ConnectionHandle connection_;
  JetStreamHandle stream_;
};

class NatsBrokerTest : public testing::Test {
 protected:
  static tasks::TaskRef make_task() { return {tasks::TaskId::make(ManualClock().wall_now()), 1}; }
  [[nodiscard]] std::unique_ptr<tasks::Broker> open_broker(std::chrono::milliseconds lease = 60s,
                                                           const std::string& parameters = "") const {
    return open(cluster_.hosts() + "/" + stream_ + parameters, lease).value();
  }
  static std::optional<tasks::Delivery> receive(tasks::Broker& broker, std::chrono::milliseconds timeout = ample) {
    return broker.receive(timeout).value();
  }

  TestingCluster& cluster_ = *SharedCluster::cluster;
  std::string stream_ = make_stream_name();
  Stranger stranger_{cluster_.hosts()};
};

TEST_F(NatsBrokerTest, KeepsTheStreamOnThreeServers) {
  const auto broker = open_broker();
  jsStreamInfo* info = nullptr;
  ASSERT_EQ(js_GetStreamInfo(&info, stranger_.stream(), stream_.c_str(), nullptr, nullptr), NATS_OK);
  const StreamInfoHandle found(info);
  EXPECT_EQ(found->Config->Replicas, 3);
  EXPECT_EQ(found->Config->Storage, js_FileStorage);
}

TEST_F(NatsBrokerTest, TenProcessesMayMakeTheStreamAtOnce) {
  std::vector<std::future<bool>> opened;
  for (int i = 0; i < 10; ++i)
    opened.push_back(std::async(std::launch::async, [&] {
      const auto broker = open_broker();
      return broker->ring(make_task()).has_value() && receive(*broker).has_value();
    }));
  for (auto& one : opened) EXPECT_TRUE(one.get());
}

TEST_F(NatsBrokerTest, Pitfall8TheSameRingTwiceIsOne) {
  const auto broker = open_broker();
  const tasks::TaskRef task = make_task();
  ASSERT_TRUE(broker->ring(task));
  ASSERT_TRUE(broker->ring(task));
  ASSERT_TRUE(broker->ring({task.task, 2})) << "another generation is another ring";
  EXPECT_EQ(stranger_.count_messages(stream_), 2U);
}

TEST_F(NatsBrokerTest, RingsAgainForTheSameTaskAfterTheWindow) {
  const auto broker = open_broker(60s, "?duplicate_window=100ms");
  const tasks::TaskRef task = make_task();
  ASSERT_TRUE(broker->ring(task));
  ASSERT_TRUE(broker->acknowledge(receive(*broker).value()));
  const auto give_up = std::chrono::steady_clock::now() + ample;
  bool is_heard = false;
  while (!is_heard && std::chrono::steady_clock::now() < give_up) {
    ASSERT_TRUE(broker->ring(task));
    is_heard = receive(*broker, 50ms).has_value();
  }
  EXPECT_TRUE(is_heard);
}

TEST_F(NatsBrokerTest, Pitfall2RingsAgainWhenAWorkerWentSilent) {
  const auto lost = open_broker(1s);
  const auto other = open_broker(1s);
  ASSERT_TRUE(lost->ring(make_task()));
  const auto first = receive(*lost);
  ASSERT_TRUE(first);
  const auto second = receive(*other);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->task->task, first->task->task);
}

TEST_F(NatsBrokerTest, AnExtendedRingStaysWithItsWorker) {
  const auto broker = open_broker(1s);
  const auto other = open_broker(1s);
  ASSERT_TRUE(broker->ring(make_task()));
  const auto delivery = receive(*broker);
  ASSERT_TRUE(delivery);
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(broker->extend(*delivery, 1s));
    EXPECT_FALSE(receive(*other, 300ms));
  }
  EXPECT_TRUE(broker->acknowledge(*delivery));
  EXPECT_TRUE(stranger_.becomes_empty(stream_));
}

TEST_F(NatsBrokerTest, Pitfall16AReleasedRingComesBackSoon) {
  const auto broker = open_broker();
  ASSERT_TRUE(broker->ring(make_task()));
  ASSERT_TRUE(broker->release(receive(*broker).value()));
  EXPECT_TRUE(receive(*broker, 10s));
}

// Why acknowledging decides nothing: the database's fence does.
TEST_F(NatsBrokerTest, Pitfall1TheServersTakeTheWordOfAZombie) {
  const auto zombie = open_broker(1s);
  const auto other = open_broker(1s);
  ASSERT_TRUE(zombie->ring(make_task()));
  const auto old = receive(*zombie);
  const auto live = receive(*other);
  ASSERT_TRUE(old && live);
  EXPECT_NE(old->ack_id, live->ack_id);
  EXPECT_TRUE(zombie->acknowledge(*old));
  EXPECT_TRUE(stranger_.becomes_empty(stream_));
  EXPECT_TRUE(other->acknowledge(*live));
}

TEST_F(NatsBrokerTest, Pitfall3AnAcknowledgementMayBeRepeated) {
  const auto broker = open_broker();
  ASSERT_TRUE(broker->ring(make_task()));
  const auto delivery = receive(*broker);
  ASSERT_TRUE(delivery);
  EXPECT_TRUE(broker->acknowledge(*delivery));
  EXPECT_TRUE(broker->acknowledge(*delivery)) << "the first answer was lost";
  EXPECT_FALSE(receive(*broker, 0ms));
}

TEST_F(NatsBrokerTest, Pitfall10RemovesWhatWasDeliveredTooOften) {
  const auto broker = open_broker(200ms, "?max_deliver=2");
  ASSERT_TRUE(broker->ring(make_task()));
  EXPECT_TRUE(receive(*broker));
  EXPECT_TRUE(receive(*broker));
  EXPECT_EQ(stranger_.count_messages(stream_), 1U);
  const auto give_up = std::chrono::steady_clock::now() + ample;
  while (stranger_.count_messages(stream_) > 0 && std::chrono::steady_clock::now() < give_up)
    EXPECT_FALSE(receive(*broker, 100ms));
  EXPECT_TRUE(stranger_.becomes_empty(stream_));
}

TEST_F(NatsBrokerTest, AcknowledgesHostileMessagesAway) {
  const auto broker = open_broker();
  const std::string subject = stream_ + ".rings";
  for (const std::string& hostile : {std::string(), std::string("\0\xff", 2), std::string("{}"),
                                     std::string(R"({"task_id":"x","generation":1})"), std::string(3000, '[')})
    ASSERT_EQ(stranger_.publish(subject, hostile), NATS_OK);
  EXPECT_NE(stranger_.publish(subject, std::string(100'000, '[')), NATS_OK) << "larger than the stream takes";
  const tasks::TaskRef task = make_task();
  ASSERT_TRUE(broker->ring(task));
  const auto delivery = receive(*broker);
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->task->task, task.task);
  EXPECT_EQ(stranger_.count_messages(stream_), 1U);
}

TEST_F(NatsBrokerTest, MakesTheStreamAgainWhenSomebodyDeletedIt) {
  const auto broker = open_broker();
  ASSERT_TRUE(broker->ring(make_task()));
  ASSERT_TRUE(receive(*broker));
  ASSERT_EQ(js_DeleteStream(stranger_.stream(), stream_.c_str(), nullptr, nullptr), NATS_OK);
  ASSERT_TRUE(broker->ring(make_task()));
  const auto give_up = std::chrono::steady_clock::now() + ample;
  Result<std::optional<tasks::Delivery>> heard;
  do {
    heard = broker->receive(1s);
  } while (!(heard && *heard) && std::chrono::steady_clock::now() < give_up);
  EXPECT_TRUE(heard && *heard);
}

TEST_F(NatsBrokerTest, LeavesAStreamThatIsNotItsOwn) {
  const char* subjects[] = {"somebody.else"};
  jsStreamConfig config{};
  jsStreamConfig_Init(&config);
  config.Name = stream_.c_str();
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  ASSERT_EQ(js_AddStream(nullptr, stranger_.stream(), &config, nullptr, nullptr), NATS_OK);
  const auto broker = open(cluster_.hosts() + "/" + stream_);
  ASSERT_FALSE(broker);
  EXPECT_EQ(broker.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(broker.error().message, testing::HasSubstr(stream_ + ".rings"));
}

TEST_F(NatsBrokerTest, Pitfall15NoRingIsLostOrDoubledWhenTheLeaderIsKilledInMidPublish) {
  const auto broker = open_broker(60s, "?duplicate_window=2min");
  ASSERT_TRUE(broker->ring(make_task()));
  std::atomic<int> published = 0;
  constexpr int rings = 400;
  auto publishing = std::async(std::launch::async, [&] {
    std::set<std::string> sent;
    while (published < rings) {
      const tasks::TaskRef task = make_task();
      if (const auto rung = broker->ring(task); !rung) {
        ADD_FAILURE() << rung.error().describe();
        return sent;
      }
      sent.insert(task.task.text());
      ++published;
    }
    return sent;
  });
  while (published < rings / 4) std::this_thread::sleep_for(1ms);
  const int leader = cluster_.find_leader(stream_);
  ASSERT_GE(leader, 0);
  cluster_.kill(leader);
  const auto sent = publishing.get();
  EXPECT_EQ(sent.size(), static_cast<std::size_t>(rings));
  EXPECT_EQ(stranger_.count_messages(stream_), rings + 1U) << "once each";
  cluster_.start(leader);

  std::set<std::string> received;
  const auto give_up = std::chrono::steady_clock::now() + ample;
  while (received.size() < rings + 1U && std::chrono::steady_clock::now() < give_up) {
    const auto delivery = broker->receive(5s);
    if (!delivery || !*delivery) continue;  // the consumer's leader may be elected still
    EXPECT_TRUE(received.insert((*delivery)->task->task.text()).second);
    (void)broker->acknowledge(**delivery);
  }
  EXPECT_EQ(received.size(), rings + 1U);
  EXPECT_TRUE(std::ranges::includes(received, sent));
}

TEST_F(NatsBrokerTest, SaysThatAllServersAreAwayAndGoesOnWhenTheyAreBack) {
  const auto broker = open_broker();
  const tasks::TaskRef task = make_task();
  ASSERT_TRUE(broker->ring(task));
  for (int i = 0; i < cluster_.size(); ++i) cluster_.kill(i);
  Result<std::optional<tasks::Delivery>> heard;
  do {
    heard = broker->receive(100ms);
  } while (heard);
  EXPECT_EQ(heard.error().code, ErrorCode::unavailable);
  EXPECT_THAT(heard.error().message, testing::HasSubstr("127.0.0.1"));

  // Who starts meanwhile is not kept from it.
  const auto early = open(cluster_.hosts() + "/" + stream_);
  ASSERT_TRUE(early);
  for (int i = 0; i < cluster_.size(); ++i) cluster_.start(i);
  cluster_.wait_until_ready();
  const auto give_up = std::chrono::steady_clock::now() + ample;
  do {
    heard = broker->receive(1s);
  } while (!(heard && *heard) && std::chrono::steady_clock::now() < give_up);
  ASSERT_TRUE(heard && *heard) << "the ring was kept on disk";
  EXPECT_EQ((*heard)->task->task, task.task);
  EXPECT_TRUE((*early)->ring(make_task()));
}

TEST(NatsSettings, Pitfall17AreRefusedWithAClearText) {
  if (!TestingCluster::is_installed()) GTEST_SKIP() << "nats-server is not installed";
  TestingCluster guarded(1, {"--user", "ada", "--pass", "hidden-1"});
  const std::string hosts = guarded.hosts();
  Result<std::unique_ptr<tasks::Broker>> broker;
  const auto give_up = std::chrono::steady_clock::now() + ample;
  do {
    broker = open("ada:hidden-1@" + hosts);
  } while (!(broker && (*broker)->ring({tasks::TaskId::make(ManualClock().wall_now()), 1})) &&
           std::chrono::steady_clock::now() < give_up);
  ASSERT_TRUE(broker);

  for (const char* user : {"", "ada:hidden-2@", "eve:hidden-1@"}) {
    const auto refused = open(user + hosts);
    ASSERT_FALSE(refused) << user;
    EXPECT_EQ(refused.error().code, ErrorCode::unauthenticated) << user;
    EXPECT_EQ(refused.error().describe().find("hidden"), std::string::npos);
  }
  const auto without_file = open(hosts + "?credentials=/nonexistent/a.creds");
  ASSERT_FALSE(without_file);
  EXPECT_EQ(without_file.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(without_file.error().message, testing::HasSubstr("/nonexistent/a.creds"));

  const auto too_many = open("ada:hidden-1@" + hosts + "/three?replicas=3");
  ASSERT_FALSE(too_many);
  EXPECT_NE(too_many.error().code, ErrorCode::unavailable) << too_many.error().describe();

  const auto tls =
      NatsBroker::open(parse_address("ada:hidden-1@" + hosts, Address::Transport::tls).value(), 60s, quiet());
  ASSERT_FALSE(tls);
  EXPECT_THAT(tls.error().message, testing::HasSubstr("TLS"));
}

}  // namespace
}  // namespace decant::broker::nats
