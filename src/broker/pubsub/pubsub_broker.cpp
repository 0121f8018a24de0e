#include "broker/pubsub/pubsub_broker.h"

#include <algorithm>

#include "broker/message.h"

namespace decant::broker::pubsub {

Result<std::unique_ptr<tasks::Broker>> PubsubBroker::open(const Address& address, const PubsubOptions& options,
                                                          const Clock& clock, Logger& logger) {
  DECANT_TRY(Connection connection, connect(address, options.connection));
  return std::unique_ptr<tasks::Broker>(new PubsubBroker(std::move(connection.service), options, clock, logger));
}

Result<void> PubsubBroker::publish(std::span<const tasks::TaskRef> tasks) {
  while (!tasks.empty()) {
    const auto batch = tasks.first(std::min(tasks.size(), options_.longest_batch));
    tasks = tasks.subspan(batch.size());
    std::vector<std::string> messages(batch.size());
    std::ranges::transform(batch, messages.begin(), encode_message);
    Tries tries(options_.retry, clock_);
    for (;;) {
      const Status status = service_->publish(messages);
      if (status.is_ok()) break;
      if (!is_retryable(status.code) || is_interrupted_ || !tries.wait_for_next())
        return Failure(to_error(status, "ring"));
    }
  }
  return {};
}

}  // namespace decant::broker::pubsub
