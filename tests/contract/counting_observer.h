#pragma once

#include <mutex>
#include <vector>

#include "tasks/work_observer.h"

namespace decant::contract {

/// Keeps what it heard.
class CountingObserver final : public tasks::WorkObserver {
 public:
  struct Heard {
    std::vector<tasks::State> finished;
    int leases_lost = 0;
    int fences_rejected = 0;
    int settled = 0;
    int not_settled = 0;
  };

  [[nodiscard]] Heard heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

  void task_finished(const tasks::FinishedTask& finished) override {
    const std::lock_guard lock(mutex_);
    heard_.finished.push_back(finished.result);
  }
  void lease_lost() override {
    const std::lock_guard lock(mutex_);
    ++heard_.leases_lost;
  }
  void fence_rejected() override {
    const std::lock_guard lock(mutex_);
    ++heard_.fences_rejected;
  }
  void delivery_settled(const Result<void>& answer) override {
    const std::lock_guard lock(mutex_);
    ++(answer ? heard_.settled : heard_.not_settled);
  }

 private:
  mutable std::mutex mutex_;
  Heard heard_;
};

}  // namespace decant::contract
