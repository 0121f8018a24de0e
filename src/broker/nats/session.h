#pragma once

#include <atomic>
#include <mutex>

#include "base/clock.h"
#include "broker/nats/connection.h"

namespace decant::broker::nats {

/// What one connection is used for: the stream that keeps rings until they are acknowledged, and the durable consumer
/// that all workers share. Both are made where they are missing. Every call blocks for seconds at the most where the
/// servers do not answer; thread-safe.
class Session {
 public:
  /// `ack_wait`: how long a worker may be silent about a ring before another one gets it. The address and the logger
  /// outlive it.
  static Result<std::unique_ptr<Session>> open(const Address& address, std::chrono::milliseconds ack_wait,
                                               Logger& logger);

  [[nodiscard]] bool is_closed() const { return connection_->is_closed(); }

  /// The stream is there when it returns.
  Result<void> make_stream();
  /// Stored by a majority of the servers that keep the stream when it returns. Messages of one id within the duplicate
  /// window are stored once. One try: unavailable when another may succeed.
  Result<void> publish(const std::string& message, const std::string& id);
  /// One message; nothing when none came, or listening was stopped, perhaps before the timeout. One thread at a time.
  Result<MessageHandle> fetch(std::chrono::milliseconds timeout);
  /// Ends a fetch() that waits, and lets no further one wait.
  void stop_listening();
  /// Tells the consumer about a delivery and waits until it knows.
  Result<void> tell(const std::string& ack_id, const std::string& word);
  /// Tells it without waiting.
  Result<void> tell_soon(const std::string& ack_id, const std::string& word);

 private:
  Session(const Address& address, std::chrono::milliseconds ack_wait, Logger& logger)
      : address_(address), ack_wait_(ack_wait), logger_(logger) {}

  Result<void> check_connection(std::string_view action) const;
  Result<void> check_stream(const jsStreamInfo& stream) const;
  Result<void> make_consumer();
  Result<void> listen();
  void remove_leftovers();

  const Address& address_;
  std::chrono::milliseconds ack_wait_;
  Logger& logger_;
  std::unique_ptr<Connection> connection_;
  JetStreamHandle stream_;
  std::atomic<bool> has_stream_ = false;

  // Of the thread that fetches.
  SubscriptionHandle leftovers_;
  SteadyTime next_check_;

  std::mutex mutex_;
  bool is_stopped_ = false;
  SubscriptionHandle rings_;  ///< made and let go by the thread that fetches, with the mutex held
};

}  // namespace decant::broker::nats
