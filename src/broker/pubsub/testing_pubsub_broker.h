#pragma once

#include "broker/pubsub/pubsub_broker.h"
#include "broker/pubsub/testing_pubsub_server.h"

namespace decant::broker::pubsub {

/// The options of production but for pauses: no test waits for a backoff.
inline PubsubOptions testing_options(std::size_t slots = 8) {
  PubsubOptions options;
  options.publisher.retry.backoff = {std::chrono::milliseconds(1), std::chrono::milliseconds(5)};
  options.subscriber.retry.backoff = {std::chrono::milliseconds(1), std::chrono::milliseconds(5)};
  options.subscriber.retry.longest = std::chrono::milliseconds(200);
  options.subscriber.stream.backoff = {std::chrono::milliseconds(1), std::chrono::milliseconds(5)};
  options.subscriber.tend_interval = std::chrono::milliseconds(2);
  options.subscriber.leases.capacity = slots;
  return options;
}

inline std::unique_ptr<tasks::Broker> open_testing_broker(const TestingPubsubServer& server,
                                                          const PubsubOptions& options, const Clock& clock,
                                                          Logger& logger) {
  const auto address = parse_address("test", {{"PUBSUB_EMULATOR_HOST", server.endpoint()}});
  return PubsubBroker::open(address.value(), options, clock, logger).value();
}

}  // namespace decant::broker::pubsub
