#pragma once

#include <chrono>

#include "base/clock.h"
#include "broker/pubsub/status.h"
#include "tasks/retry.h"

namespace decant::broker::pubsub {

struct StreamOptions {
  std::chrono::milliseconds ping_every = std::chrono::seconds(30);
  /// A stream that brought nothing for so long is opened anew: one whose other end is gone would be silent for ever.
  std::chrono::milliseconds longest_silence = std::chrono::minutes(5);
  tasks::Backoff backoff{std::chrono::milliseconds(100), std::chrono::seconds(10)};  ///< before a stream is reopened
  std::chrono::milliseconds long_life = std::chrono::minutes(1);  ///< one that ends after so long was no failure
  /// After a close that somebody has to act upon: a subscription to be made, a permission to be given.
  std::chrono::milliseconds refused_pause = std::chrono::seconds(30);
};

/// When a stream of rings is to be opened, pinged and given up. One thread at a time.
class StreamWatch {
 public:
  /// The clock outlives it.
  StreamWatch(StreamOptions options, const Clock& clock) : options_(options), clock_(clock) {}

  /// Zero: now.
  [[nodiscard]] std::chrono::milliseconds time_to_open() const;
  void opened();
  /// From now on something may come.
  void waits();
  /// Something came; until waits() it is silent for our own sake.
  void heard();

  [[nodiscard]] bool is_ping_due() const;
  void pinged();
  [[nodiscard]] bool is_too_silent() const;

  enum class Ending {
    usual,    ///< streams end now and then
    trouble,  ///< the first of several in a row that brought nothing
    refused,  ///< it will not be better until somebody acts
  };
  /// The service or the network closed it.
  Ending ended(const Status& status);
  /// We gave it up ourselves: it may be opened again at once.
  void dropped() { next_open_ = clock_.steady_now(); }

 private:
  StreamOptions options_;
  const Clock& clock_;
  SteadyTime next_open_ = SteadyTime::min();
  SteadyTime opened_at_{};
  SteadyTime next_ping_{};
  SteadyTime silent_since_{};
  bool is_waiting_ = false;
  int failures_ = 0;  ///< streams in a row that ended early and brought nothing
};

}  // namespace decant::broker::pubsub
