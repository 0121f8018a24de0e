#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "tasks/task_store.h"

namespace decant::contract {

/// A TaskQueue in front of another, whose calls a test can wait for, delay, refuse, or carry out and lose the answer
/// of.
class WatchedQueue final : public tasks::TaskQueue {
 public:
  enum class Call { claim, heartbeat, commit, fail, give_back, time_to_next_ready };
  enum class Fate { answered, refused, answer_lost };
  /// Called before the call is carried out; decides what becomes of it.
  using Plan = std::function<Fate(Call)>;

  explicit WatchedQueue(tasks::TaskQueue& inner) : inner_(inner) {}

  void plan(Plan plan) {
    const std::lock_guard lock(mutex_);
    plan_ = std::move(plan);
  }
  [[nodiscard]] int count(Call call) const {
    const std::lock_guard lock(mutex_);
    return counts_[static_cast<std::size_t>(call)];
  }
  /// Until the predicate holds after some call; false when it never does.
  bool wait_until(const std::function<bool()>& predicate) {
    std::unique_lock lock(waiting_);
    return called_.wait_for(lock, std::chrono::seconds(20), predicate);
  }

  Result<std::optional<tasks::Claim>> claim(const tasks::ClaimRequest& request) override {
    return pass(Call::claim, [&] { return inner_.claim(request); });
  }
  Result<bool> heartbeat(const tasks::TaskId& id, std::int64_t fence, std::chrono::milliseconds lease,
                         double progress) override {
    return pass(Call::heartbeat, [&] { return inner_.heartbeat(id, fence, lease, progress); });
  }
  Result<bool> commit(const Commit& commit, std::string& replaced) override {
    return pass(Call::commit, [&] { return inner_.commit(commit, replaced); });
  }
  Result<bool> fail(const tasks::TaskId& id, std::int64_t fence, const tasks::TaskError& error,
                    std::optional<std::chrono::milliseconds> pause) override {
    return pass(Call::fail, [&] { return inner_.fail(id, fence, error, pause); });
  }
  Result<bool> give_back(const tasks::TaskId& id, std::int64_t fence) override {
    return pass(Call::give_back, [&] { return inner_.give_back(id, fence); });
  }
  Result<std::optional<std::chrono::milliseconds>> time_to_next_ready() override {
    return pass(Call::time_to_next_ready, [&] { return inner_.time_to_next_ready(); });
  }

 private:
  Fate decide(Call call) {
    Plan plan;
    {
      const std::lock_guard lock(mutex_);
      ++counts_[static_cast<std::size_t>(call)];
      plan = plan_;
    }
    return plan ? plan(call) : Fate::answered;
  }

  template <class Carry>
  auto pass(Call call, const Carry& carry_out) -> decltype(carry_out()) {
    const Fate fate = decide(call);
    auto away = failure(ErrorCode::unavailable, "the database is away");
    if (fate == Fate::refused) return away;
    auto answer = carry_out();
    {
      // So that whoever waits cannot miss it between looking and waiting.
      const std::lock_guard lock(waiting_);
    }
    called_.notify_all();
    if (fate == Fate::answer_lost) return away;
    return answer;
  }

  tasks::TaskQueue& inner_;
  mutable std::mutex mutex_;
  Plan plan_;
  std::array<int, 6> counts_{};
  std::mutex waiting_;
  std::condition_variable called_;
};

}  // namespace decant::contract
