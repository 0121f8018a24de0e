#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "broker/message.h"
#include "broker/pubsub/lease_table.h"
#include "broker/pubsub/service.h"
#include "broker/pubsub/stream_watch.h"
#include "broker/pubsub/tries.h"

namespace decant::broker::pubsub {

struct SubscriberOptions {
  LeaseTableOptions leases;
  StreamOptions stream;
  RetryOptions retry;
  /// The stream stays open for so long after the last receive(); while every slot is busy there is none.
  std::chrono::milliseconds listening_grace = std::chrono::seconds(10);
  /// A stream that is to end may bring for so long what was on its way.
  std::chrono::milliseconds longest_goodbye = std::chrono::seconds(5);
  std::chrono::milliseconds tend_interval = std::chrono::milliseconds(500);  ///< between two looks at what is due
};

/// Hears rings by a StreamingPull and keeps their deliveries, each confirmed before it is handed out. Two threads from
/// the first receive() on: one reads the stream, one extends leases and pings. The stream carries nothing back:
/// acknowledgments are calls of their own, whose answers are read, for those written to a stream that is about to end
/// are lost. Thread-safe. docs/decisions has the why.
class Subscriber {
 public:
  /// The references outlive it.
  Subscriber(const SubscriberOptions& options, Service& service, const Clock& clock, Logger& logger);
  /// Gives back what nobody took. Blocks while calls are under way.
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // As tasks::Broker has them.
  Result<std::optional<tasks::Delivery>> receive(std::chrono::milliseconds timeout);
  Result<void> extend(const tasks::Delivery& delivery, std::chrono::milliseconds lease);
  Result<void> acknowledge(const tasks::Delivery& delivery);
  Result<void> release(const tasks::Delivery& delivery);
  void interrupt();

 private:
  using Call = std::function<Status()>;
  struct Answer {
    Verdict verdict;
    Status status;
  };

  void start();
  void run_stream(const std::stop_token& stop);
  bool wait_until_wanted(const std::stop_token& stop);
  void read_stream(PullStream& stream, const std::stop_token& stop);
  void take_in(const ReceivedMessage& message);
  void note_end(const Status& status);

  void tend(const std::stop_token& stop);
  void tend_stream();
  void extend_due();
  void give_back_due();

  [[nodiscard]] bool is_wanted() const;
  void leave_stream();
  [[nodiscard]] Answer settle(const std::string& ack_id, const Call& call) const;
  [[nodiscard]] Answer give_back(const std::string& ack_id) const;

  SubscriberOptions options_;
  Service& service_;
  const Clock& clock_;
  Logger& logger_;
  RefusedMessages refused_messages_{logger_};
  std::string client_id_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_:
  LeaseTable leases_;
  StreamWatch watch_;
  std::shared_ptr<PullStream> stream_;  // shared: one thread reads it while the other pings or cancels it
  enum class Leaving { no, wanted, told } leaving_ = Leaving::no;  ///< the stream, of our own will
  SteadyTime left_at_{};
  std::optional<Error> refusal_;  ///< why there is no stream
  Guarantee guarantee_ = Guarantee::exactly_once;
  int listeners_ = 0;  ///< in receive() now
  SteadyTime wanted_until_ = SteadyTime::min();
  std::vector<std::string> to_give_back_;
  std::string extending_;  ///< the delivery whose extension is on its way
  bool is_interrupted_ = false;

  std::once_flag started_;
  std::jthread streaming_;
  std::jthread tending_;
};

}  // namespace decant::broker::pubsub
