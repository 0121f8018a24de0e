#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/pubsub/address.h"
#include "broker/pubsub/lease_table.h"
#include "broker/pubsub/status.h"

namespace decant::broker::pubsub {

struct ReceivedMessage {
  std::string ack_id;
  std::string data;
  int delivery_attempt = 0;  ///< from 1; 0 without a dead-letter topic
};

struct StreamResponse {
  std::vector<ReceivedMessage> messages;
  std::optional<Guarantee> guarantee;  ///< as it is from now on; empty: not told, so as before
};

/// A StreamingPull, read by one thread.
class PullStream {
 public:
  virtual ~PullStream() = default;
  /// Nothing when it ended. Blocks.
  virtual std::optional<StreamResponse> read() = 0;
  /// Why it ended. The last call, after read() returned nothing.
  virtual Status finish() = 0;
  /// Tells the service that we are there. From one other thread, while the stream is open.
  virtual void ping() = 0;
  /// Asks the service to send no more: read() ends after what is on its way. From that other thread.
  virtual void close() = 0;
  /// Lets read() end at once. From any thread.
  virtual void cancel() = 0;
};

struct StreamRequest {
  std::string client_id;  ///< of this process, the same for every stream
  std::chrono::seconds lease{};
  std::size_t max_outstanding = 1;  ///< deliveries that are not answered yet
};

/// The calls of Pub/Sub that ring and hear rings, as they are on the wire: one try each, bounded in time. Blocks;
/// thread-safe.
class Service {
 public:
  virtual ~Service() = default;
  virtual Status publish(const std::vector<std::string>& messages) = 0;
  virtual Status acknowledge(const std::string& ack_id) = 0;
  /// A deadline of zero gives the delivery back.
  virtual Status modify_deadline(const std::string& ack_id, std::chrono::seconds deadline) = 0;
  virtual std::unique_ptr<PullStream> open_stream(const StreamRequest& request) = 0;
};

/// What the service knows of a subscription, as far as it matters here.
struct SubscriptionSetup {
  std::string topic;  ///< full names
  Guarantee guarantee = Guarantee::at_least_once;
  std::chrono::seconds lease{};
  std::string dead_letter_topic;  ///< empty: none
  int max_delivery_attempts = 0;
  std::chrono::seconds shortest_retry{};  ///< pause before a delivery that was given back or ran out comes again
  std::chrono::seconds longest_retry{};
  std::chrono::seconds expires_after{};  ///< zero: never, however long nobody listens
  enum class Delivery { pull, push } delivery = Delivery::pull;
  std::string filter;
  enum class State { active, out_of_order } state = State::active;
};

/// The calls of Pub/Sub that set it up. Blocks.
class SetupService {
 public:
  virtual ~SetupService() = default;
  virtual Status find_topic(const std::string& topic) = 0;
  virtual Status create_topic(const std::string& topic) = 0;
  /// The setup is of meaning only if the status is OK.
  virtual std::pair<Status, SubscriptionSetup> find_subscription(const std::string& subscription) = 0;
  virtual Status create_subscription(const std::string& subscription, const SubscriptionSetup& setup) = 0;
  /// Changes all but topic, delivery, filter and state, which cannot be changed.
  virtual Status update_subscription(const std::string& subscription, const SubscriptionSetup& setup) = 0;
};

struct ConnectionOptions {
  std::chrono::milliseconds call_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds keepalive = std::chrono::seconds(30);  ///< between two pings of HTTP/2
  std::chrono::milliseconds keepalive_timeout = std::chrono::seconds(10);
};

struct Connection {
  std::unique_ptr<Service> service;
  std::unique_ptr<SetupService> setup;
};

/// Needs no reachable service, but credentials: unauthenticated says how to give them. May block for seconds while it
/// looks for them.
Result<Connection> connect(const Address& address, const ConnectionOptions& options);

}  // namespace decant::broker::pubsub
