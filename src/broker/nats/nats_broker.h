#pragma once

#include <condition_variable>
#include <mutex>

#include "broker/message.h"
#include "broker/nats/address.h"
#include "broker/nats/session.h"
#include "tasks/broker.h"

namespace decant::broker::nats {

/// Rings by way of a JetStream work queue (https://docs.nats.io/nats-concepts/jetstream). A ring is stored by a
/// majority of its servers before publish() returns; a leader that is lost meanwhile costs a repeat with the same
/// message id, which is stored once. Servers know no fences: an acknowledgement by a worker that has lost its task is
/// taken, so only the database decides what is done.
class NatsBroker final : public tasks::Broker {
 public:
  /// Also where no server answers: it connects later, and the log says so. What somebody has to put right is an error:
  /// files, credentials, certificates, a stream of another kind. `lease` as LeaseOptions::lease: a ring that no worker
  /// was heard about for so long goes to another. The logger outlives it.
  static Result<std::unique_ptr<tasks::Broker>> open(Address address, std::chrono::milliseconds lease, Logger& logger);

  /// Repeats for ten seconds while the servers are away or elect a leader; once only after interrupt().
  Result<void> publish(std::span<const tasks::TaskRef> tasks) override;
  Result<std::optional<tasks::Delivery>> receive(std::chrono::milliseconds timeout) override;
  /// For the lease that open() was given. Does not wait for the servers.
  Result<void> extend(const tasks::Delivery& delivery, std::chrono::milliseconds lease) override;
  Result<void> acknowledge(const tasks::Delivery& delivery) override;
  Result<void> release(const tasks::Delivery& delivery) override;
  void interrupt() override;

 private:
  NatsBroker(Address address, std::chrono::milliseconds lease, Logger& logger)
      : address_(std::move(address)), lease_(lease), logger_(logger), refused_(logger) {}

  /// Shared, because threads may use a session that was closed and replaced meanwhile.
  Result<std::shared_ptr<Session>> session();
  [[nodiscard]] std::shared_ptr<Session> current_session() const;
  Result<void> prepare();
  Result<void> publish(const tasks::TaskRef& task);
  Result<void> publish_once(const std::string& message, const std::string& id);
  std::optional<tasks::Delivery> read(Session& session, const natsMsg& message);
  [[nodiscard]] bool is_interrupted() const;
  void pause(std::chrono::milliseconds duration);

  Address address_;
  std::chrono::milliseconds lease_;
  Logger& logger_;
  RefusedMessages refused_;

  std::timed_mutex listening_;  ///< held by the one receive() that fetches

  std::mutex connecting_;
  mutable std::mutex mutex_;  ///< of those below
  std::condition_variable changed_;
  bool interrupted_ = false;
  std::shared_ptr<Session> session_;
};

}  // namespace decant::broker::nats
