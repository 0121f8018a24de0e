#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/result.h"

namespace decant::objects {

/// A secret and until when it holds; nothing: for ever.
template <class Secret>
struct TimedSecret {
  Secret secret;
  std::optional<WallTime> expires;
};

/// Keeps a secret that somebody else hands out, and renews it before it expires. While it cannot be renewed the old one
/// serves as long as it holds. Thread-safe.
template <class Secret>
class SecretCache {
 public:
  using Fetch = std::function<Result<TimedSecret<Secret>>()>;

  /// `clock` outlives it. `fetch` may block; two threads may be in it at once.
  SecretCache(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  /// Blocks when there is none yet, or when it is this caller's turn to renew it.
  Result<Secret> get() {
    std::unique_lock lock(mutex_);
    const WallTime now = clock_.wall_now();
    if (holds_at(now + renewal_margin) || (holds_at(now) && now < next_renewal_)) return current_->secret;
    if (!holds_at(now)) {
      DECANT_TRY(current_, fetch_());
      return current_->secret;
    }
    next_renewal_ = now + renewal_pause;  // meanwhile the others take the old one
    const Secret old = current_->secret;
    lock.unlock();
    auto fresh = fetch_();
    if (!fresh) return old;
    lock.lock();
    current_ = *std::move(fresh);
    return current_->secret;
  }

  /// It was refused, whatever was said about how long it holds: the next get() fetches another.
  void forget() {
    const std::lock_guard lock(mutex_);
    current_.reset();
  }

 private:
  static constexpr std::chrono::minutes renewal_margin{5};
  static constexpr std::chrono::seconds renewal_pause{30};

  [[nodiscard]] bool holds_at(WallTime time) const {
    return current_ && (!current_->expires || time < *current_->expires);
  }

  Fetch fetch_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<TimedSecret<Secret>> current_;
  WallTime next_renewal_{};
};

}  // namespace decant::objects
