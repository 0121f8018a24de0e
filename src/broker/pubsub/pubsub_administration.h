#pragma once

#include <memory>

#include "broker/administration.h"
#include "broker/pubsub/address.h"
#include "broker/pubsub/service.h"

namespace decant::broker::pubsub {

struct AdministrationOptions {
  std::chrono::seconds lease{60};
  /// The service gives up on a message that was delivered so often, and moves it to the dead-letter topic. More than a
  /// task's attempts, for draining workers give deliveries back.
  int max_delivery_attempts = 10;
  std::chrono::seconds shortest_retry{1};
  std::chrono::seconds longest_retry{60};
};

/// Makes and checks the topic, its subscription with exactly-once delivery, and the topic for dead letters.
class PubsubAdministration final : public Administration {
 public:
  PubsubAdministration(Address address, const AdministrationOptions& options, std::unique_ptr<SetupService> service)
      : address_(std::move(address)), options_(options), service_(std::move(service)) {}

  Result<std::vector<Finding>> create() override;
  Result<std::vector<std::pair<std::string, std::string>>> describe() override;
  Result<std::vector<Finding>> check() override;

 private:
  [[nodiscard]] SubscriptionSetup wanted() const;
  Result<Finding> create_topic(const std::string& topic);
  Result<Finding> create_subscription();
  Result<Finding> change_subscription(const SubscriptionSetup& there);
  Result<bool> has_topic(const std::string& topic);
  Result<SubscriptionSetup> get_subscription();

  Address address_;
  AdministrationOptions options_;
  std::unique_ptr<SetupService> service_;
};

}  // namespace decant::broker::pubsub
