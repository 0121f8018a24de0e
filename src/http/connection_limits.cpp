#include "http/connection_limits.h"

namespace decant::http {
namespace {

/// Connections beyond a limit that get an answer and time to read it.
constexpr int most_turned_away = 64;

}  // namespace

Admission ConnectionLimits::enter(const boost::asio::ip::address& address) {
  const std::scoped_lock lock(mutex_);
  const int of_address = ++by_address_[address];
  if (++count_ > most_ + most_turned_away) return Admission::drop;
  if (count_ > most_) return Admission::turn_away;
  if (of_address <= most_per_address_ || proxies_.contains(address)) return Admission::welcome;
  return of_address > most_per_address_ + most_turned_away ? Admission::drop : Admission::turn_away;
}

void ConnectionLimits::leave(const boost::asio::ip::address& address) {
  const std::scoped_lock lock(mutex_);
  const auto entry = by_address_.find(address);
  if (--entry->second == 0) by_address_.erase(entry);
  if (--count_ == 0) none_.notify_all();
}

bool ConnectionLimits::wait_until_none(SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  return none_.wait_until(lock, deadline, [this] { return count_ == 0; });
}

}  // namespace decant::http
