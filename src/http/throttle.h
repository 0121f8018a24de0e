#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace decant::http {

/// How often something may be tried: `burst` times at once, then once every `interval`.
struct ThrottleLimit {
  int burst = 10;
  std::chrono::milliseconds interval{1000};
};

/// A token bucket for each key (an address, an account). Keeps `most_keys` at the most and forgets the one that was
/// asked for longest ago. Thread-safe; never blocks.
class Throttle {
 public:
  Throttle(ThrottleLimit limit, std::size_t most_keys, const Clock& clock);

  /// Spends one try. Nothing when that was allowed, else how long until the next one is.
  std::optional<std::chrono::milliseconds> spend(std::string_view key);
  /// Gives one try back: it was a good one.
  void give_back(std::string_view key);

 private:
  struct Bucket {
    std::string key;
    SteadyTime full_at;  ///< when all tries will be there again
  };

  ThrottleLimit limit_;
  std::size_t most_keys_;
  const Clock& clock_;
  std::mutex mutex_;
  std::list<Bucket> buckets_;  ///< the one used last is in front
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;
};

/// Whom an address stands for: an IPv4 address for itself, an IPv6 one for its /64, of which one host has all.
[[nodiscard]] std::string throttle_key(std::string_view address);

}  // namespace decant::http
