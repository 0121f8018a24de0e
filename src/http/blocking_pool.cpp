#include "http/blocking_pool.h"

namespace decant::http {

BlockingPool::BlockingPool(std::size_t threads, std::size_t queue_limit)
    : limit_(threads + queue_limit), prompt_(threads), store_(threads) {}

// Joined, never stopped: a call that is dropped would destroy its coroutine on the wrong thread.
BlockingPool::~BlockingPool() {
  prompt_.threads.join();
  store_.threads.join();
}

bool BlockingPool::enter(Lane& lane) const {
  if (lane.outstanding.fetch_add(1, std::memory_order_relaxed) < limit_) return true;
  lane.leave();
  return false;
}

void BlockingPool::Lane::leave() {
  if (outstanding.fetch_sub(1, std::memory_order_release) == 1) outstanding.notify_all();
}

void BlockingPool::Lane::wait_until_idle() const {
  while (const std::size_t count = outstanding.load(std::memory_order_acquire)) outstanding.wait(count);
}

void BlockingPool::wait_until_idle() const {
  prompt_.wait_until_idle();
  store_.wait_until_idle();
}

}  // namespace decant::http
