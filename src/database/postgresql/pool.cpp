#include "database/postgresql/pool.h"

namespace decant::database::postgresql {

Result<Pool::Loan> Pool::borrow(std::chrono::milliseconds wait) {
  const auto deadline = Steady::now() + wait;
  std::unique_lock lock(mutex_);
  Failure last = failure(ErrorCode::unavailable, "The database is busy: try again.", "no free connection");
  for (;;) {
    if (auto connection = take_idle()) return Loan(*this, std::move(connection));
    if (may_connect()) {
      auto connection = connect(lock);
      if (connection) return Loan(*this, *std::move(connection));
      last = Failure(connection.error());
    }
    const auto now = Steady::now();
    if (now >= deadline) return last;
    const bool is_waiting_for_server = failures_ > 0 && !is_trying_ && next_try_ > now;
    changed_.wait_until(lock, is_waiting_for_server ? std::min(deadline, next_try_) : deadline);
  }
}

std::unique_ptr<Connection> Pool::take_idle() {
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->is_idle_and_alive()) return connection;
    --open_;
  }
  return nullptr;
}

bool Pool::may_connect() const {
  if (open_ >= options_.size) return false;
  return failures_ == 0 || (!is_trying_ && Steady::now() >= next_try_);
}

Result<std::unique_ptr<Connection>> Pool::connect(std::unique_lock<std::mutex>& lock) {
  ++open_;
  const bool was_away = failures_ > 0;
  is_trying_ = is_trying_ || was_away;
  lock.unlock();
  auto connection = Connection::open(options_.connection);
  lock.lock();
  if (was_away) is_trying_ = false;
  if (connection) {
    if (failures_ > 0) logger_.info("the database is back");
    failures_ = 0;
  } else {
    --open_;
    if (++failures_ == 1) logger_.error("the database is away", {{"error", connection.error().describe()}});
    // At least half of the bound, so that a server that comes back is not met by a storm.
    const auto bound = options_.reconnect.bound(failures_);
    next_try_ = Steady::now() + bound / 2 + tasks::draw_up_to(bound / 2);
  }
  changed_.notify_all();
  return connection;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  const bool is_usable = connection->is_idle_and_alive();
  const bool has_hung_up = connection->has_hung_up();
  if (!is_usable) connection.reset();  // hangs up: not with the mutex held, as for the suspects
  std::vector<std::unique_ptr<Connection>> suspects;
  const std::lock_guard lock(mutex_);
  if (is_usable)
    idle_.push_back(std::move(connection));
  else
    --open_;
  if (has_hung_up) {
    // A server that stops ends one session after the other.
    open_ -= static_cast<int>(idle_.size());
    suspects.swap(idle_);
  }
  changed_.notify_all();
}

}  // namespace decant::database::postgresql
