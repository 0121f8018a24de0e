#pragma once

#include <atomic>
#include <memory>

#include "broker/pubsub/service.h"
#include "broker/pubsub/subscriber.h"
#include "broker/pubsub/tries.h"
#include "tasks/broker.h"

namespace decant::broker::pubsub {

struct PublisherOptions {
  std::size_t longest_batch = 1000;  ///< messages; the most that the service takes in one call
  RetryOptions retry;
};

struct PubsubOptions {
  ConnectionOptions connection;
  PublisherOptions publisher;
  SubscriberOptions subscriber;
};

/// Rings carried by Google Cloud Pub/Sub: each names its task. It listens only between the first receive() and
/// interrupt(), so a process that only publishes takes no rings from others.
class PubsubBroker final : public tasks::Broker {
 public:
  /// The clock and the logger outlive it. May block for seconds while it looks for credentials.
  static Result<std::unique_ptr<tasks::Broker>> open(const Address& address, const PubsubOptions& options,
                                                     const Clock& clock, Logger& logger);

  /// Returns when the service has confirmed all messages, or an error when it did not in time. A message whose
  /// confirmation was lost is published twice: rings may be. After interrupt() nothing is tried again.
  Result<void> publish(std::span<const tasks::TaskRef> tasks) override;
  Result<std::optional<tasks::Delivery>> receive(std::chrono::milliseconds timeout) override {
    return subscriber_.receive(timeout);
  }
  Result<void> extend(const tasks::Delivery& delivery, std::chrono::milliseconds lease) override {
    return subscriber_.extend(delivery, lease);
  }
  Result<void> acknowledge(const tasks::Delivery& delivery) override { return subscriber_.acknowledge(delivery); }
  Result<void> release(const tasks::Delivery& delivery) override { return subscriber_.release(delivery); }
  void interrupt() override {
    is_interrupted_ = true;
    subscriber_.interrupt();
  }

 private:
  PubsubBroker(std::unique_ptr<Service> service, const PubsubOptions& options, const Clock& clock, Logger& logger)
      : options_(options.publisher),
        clock_(clock),
        service_(std::move(service)),
        subscriber_(options.subscriber, *service_, clock, logger) {}

  PublisherOptions options_;
  const Clock& clock_;
  std::unique_ptr<Service> service_;
  Subscriber subscriber_;
  std::atomic<bool> is_interrupted_ = false;
};

}  // namespace decant::broker::pubsub
