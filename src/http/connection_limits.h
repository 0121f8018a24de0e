#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "http/trusted_proxies.h"

namespace decant::http {

enum class Admission {
  welcome,
  turn_away,  ///< one too many: say so
  drop,       ///< far too many even to say so
};

/// Counts the connections of a server, in all and by address. Thread-safe.
class ConnectionLimits {
 public:
  /// Of trusted proxies, which stand for many clients, only the total counts.
  ConnectionLimits(int most, int most_per_address, const TrustedProxies& proxies)
      : most_(most), most_per_address_(most_per_address), proxies_(proxies) {}

  /// Counts the connection in any case: leave() follows in any case.
  [[nodiscard]] Admission enter(const boost::asio::ip::address& address);
  void leave(const boost::asio::ip::address& address);
  /// Blocks until there is no connection; false when there still are at the deadline.
  [[nodiscard]] bool wait_until_none(SteadyTime deadline);

 private:
  const int most_;
  const int most_per_address_;
  const TrustedProxies& proxies_;
  std::mutex mutex_;
  std::condition_variable none_;
  int count_ = 0;
  std::map<boost::asio::ip::address, int> by_address_;
};

}  // namespace decant::http
