#include "http/blocking_pool.h"

namespace decant::http {

BlockingPool::BlockingPool(std::size_t threads, std::size_t queue_limit)
    : threads_(threads), limit_(threads + queue_limit) {}

// Joined, never stopped: a call that is dropped would destroy its coroutine on the wrong thread.
BlockingPool::~BlockingPool() { threads_.join(); }

bool BlockingPool::enter() {
  if (outstanding_.fetch_add(1, std::memory_order_relaxed) < limit_) return true;
  leave();
  return false;
}

void BlockingPool::leave() {
  if (outstanding_.fetch_sub(1, std::memory_order_release) == 1) outstanding_.notify_all();
}

void BlockingPool::wait_until_idle() const {
  while (const std::size_t count = outstanding_.load(std::memory_order_acquire)) outstanding_.wait(count);
}

}  // namespace decant::http
