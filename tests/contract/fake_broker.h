#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "tasks/broker.h"

namespace decant::contract {

/// A bell in memory: rings coalesce, no delivery names a task. Thread-safe. Several on one `Bell` hear each other.
class FakeBroker final : public tasks::Broker {
 public:
  struct Bell {
    std::mutex mutex;
    std::condition_variable changed;
    std::int64_t rings = 0;
  };

  /// A shared_ptr because brokers of one bell come and go in any order.
  explicit FakeBroker(std::shared_ptr<Bell> bell = std::make_shared<Bell>())
      : bell_(std::move(bell)), heard_(rings()) {}

  [[nodiscard]] std::int64_t rings() const {
    const std::lock_guard lock(bell_->mutex);
    return bell_->rings;
  }

  Result<void> publish(std::span<const tasks::TaskRef> tasks) override {
    const std::lock_guard lock(bell_->mutex);
    bell_->rings += std::ssize(tasks);
    bell_->changed.notify_all();
    return {};
  }

  Result<std::optional<tasks::Delivery>> receive(std::chrono::milliseconds timeout) override {
    std::unique_lock lock(bell_->mutex);
    bell_->changed.wait_for(lock, timeout, [&] { return interrupted_ || bell_->rings != heard_; });
    if (interrupted_ || bell_->rings == heard_) return std::nullopt;
    heard_ = bell_->rings;
    return tasks::Delivery{};
  }

  Result<void> extend(const tasks::Delivery&, std::chrono::milliseconds) override { return {}; }
  Result<void> acknowledge(const tasks::Delivery&) override { return {}; }
  Result<void> release(const tasks::Delivery&) override { return {}; }

  void interrupt() override {
    const std::lock_guard lock(bell_->mutex);
    interrupted_ = true;
    bell_->changed.notify_all();
  }

 private:
  std::shared_ptr<Bell> bell_;
  std::int64_t heard_;  // guarded by bell_->mutex, as interrupted_ is
  bool interrupted_ = false;
};

}  // namespace decant::contract
