#include "http/throttle.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace decant::http {

Throttle::Throttle(ThrottleLimit limit, std::size_t most_keys, const Clock& clock)
    : limit_(limit), most_keys_(std::max<std::size_t>(most_keys, 1)), clock_(clock) {}

std::optional<std::chrono::milliseconds> Throttle::spend(std::string_view key) {
  const SteadyTime now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  } else {
    if (buckets_.size() >= most_keys_) {
      by_key_.erase(buckets_.back().key);
      buckets_.pop_back();
    }
    buckets_.push_front({std::string(key), now});
    by_key_.emplace(buckets_.front().key, buckets_.begin());
  }
  Bucket& bucket = buckets_.front();
  // The generic cell rate algorithm: a bucket is no more than the time at which it is full.
  const SteadyTime full_at = std::max(bucket.full_at, now) + limit_.interval;
  const auto excess = full_at - now - limit_.interval * limit_.burst;
  if (excess > SteadyTime::duration::zero()) return std::chrono::ceil<std::chrono::milliseconds>(excess);
  bucket.full_at = full_at;
  return std::nullopt;
}

void Throttle::give_back(std::string_view key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) found->second->full_at -= limit_.interval;
}

std::string throttle_key(std::string_view address) {
  boost::system::error_code problem;
  const auto parsed = boost::asio::ip::make_address(address, problem);
  if (problem || !parsed.is_v6()) return std::string(address);
  const auto v6 = parsed.to_v6();
  if (v6.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return boost::asio::ip::address_v6(bytes).to_string() + "/64";
}

}  // namespace decant::http
