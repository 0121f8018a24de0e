#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/pubsub/status.h"

namespace decant::broker::pubsub {

/// A Pub/Sub service in this process, on loopback, with one topic and one subscription of the names that Address has by
/// default in the project "test". It is stricter than Google's: what a well-behaved exactly-once client never does is
/// remembered as a violation, and it fails where the test says. Thread-safe.
///
/// It redelivers what was given back at once, and what ran out when the test says so: no test waits for a minute.
class TestingPubsubServer {
 public:
  TestingPubsubServer();
  ~TestingPubsubServer();
  TestingPubsubServer(const TestingPubsubServer&) = delete;
  TestingPubsubServer& operator=(const TestingPubsubServer&) = delete;

  /// host:port
  [[nodiscard]] std::string endpoint() const;
  /// What the client did that it must not do, one sentence each.
  [[nodiscard]] std::vector<std::string> violations() const;

  enum class Call { publish, acknowledge, extend, give_back, open_stream };
  struct Fate {
    Code code = Code::ok;
    enum class Effect { carried_out, nothing } effect = Effect::carried_out;  ///< with an error: its answer was lost
    std::string reason = {};  ///< of ErrorInfo for the delivery, beside the code; empty: no ErrorInfo
    int others = 0;           ///< so many other deliveries are named in it, too
  };
  /// Asked before each call is carried out; from any thread.
  void plan(std::function<Fate(Call)> plan);
  [[nodiscard]] int count(Call call) const;
  /// Until the predicate holds, tried after each call and change; false when it never does.
  bool wait_until(const std::function<bool()>& predicate) const;

  /// As a stranger does.
  void publish(const std::string& data);
  [[nodiscard]] std::size_t published() const;

  /// Nobody listens to it any more and no stream can be opened until `code` is ok again.
  void refuse_streams(Code code);
  /// Ends the streams that are open; they may be opened again.
  void end_streams(Code code);
  /// The streams that are open bring nothing any more, and nobody notices.
  void silence_streams();
  [[nodiscard]] int open_streams() const;
  [[nodiscard]] int pings() const;
  /// As subscription_properties tells from the next response on, which is sent at once.
  void set_exactly_once(bool is_on);
  /// Sends on when the client has as many as it asked for.
  void ignore_flow_control();
  /// Delivered messages that were not answered are delivered again, as if their leases had run out.
  void expire_leases();

  [[nodiscard]] std::size_t acknowledged() const;
  /// Delivered and not answered.
  [[nodiscard]] std::size_t outstanding() const;
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::size_t most_outstanding() const;  ///< ever
  /// What the last stream asked for.
  [[nodiscard]] std::int64_t flow_limit() const;
  /// Of the first request of each stream.
  [[nodiscard]] std::vector<std::string> client_ids() const;
  /// The seconds of each extension, in their order.
  [[nodiscard]] std::vector<int> extensions() const;

 private:
  class State;
  class PublisherCalls;
  class SubscriberCalls;
  struct Server;
  std::unique_ptr<State> state_;
  std::unique_ptr<Server> server_;
};

}  // namespace decant::broker::pubsub
