#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/log.h"
#include "database/postgresql/connection.h"
#include "tasks/retry.h"

namespace decant::database::postgresql {

struct PoolOptions {
  ConnectionOptions connection;
  int size = 8;                          ///< connections at the most
  std::chrono::milliseconds wait{5000};  ///< how long a call waits for a free connection, or for a server that is away
  tasks::Backoff reconnect{.first = std::chrono::milliseconds(50), .longest = std::chrono::milliseconds(1000)};
};

/// Connections that calls borrow: made when they are needed, kept, and dropped when their server hung up or a call left
/// them unusable. While the server is away one call at a time tries it, with a growing pause between two tries; the
/// others wait with it. Thread-safe.
class Pool {
 public:
  /// The logger outlives it.
  Pool(PoolOptions options, Logger& logger) : options_(std::move(options)), logger_(logger) {}

  /// Calls `body(connection)` and returns its Result; unavailable when there is no connection in time. A body that was
  /// interrupted is not repeated: nobody knows what it did.
  template <class Body>
  std::invoke_result_t<Body&, Connection&> run(Body body) {
    return run_soon(std::move(body), options_.wait);
  }

  /// The same for a body that changes nothing: it has one more try when the server hung up in the middle, as it does
  /// when it restarts.
  template <class Body>
  std::invoke_result_t<Body&, Connection&> read(Body body) {
    {
      DECANT_TRY(const Loan loan, borrow(options_.wait));
      auto first = body(loan.connection());
      if (first || !loan.connection().has_hung_up()) return first;
    }
    return run(std::move(body));
  }
  /// The same, and waits no longer than this for a connection. For who asks whether the server is there.
  template <class Body>
  std::invoke_result_t<Body&, Connection&> run_soon(Body body, std::chrono::milliseconds wait) {
    DECANT_TRY(const Loan loan, borrow(std::min(wait, options_.wait)));
    return body(loan.connection());
  }

  [[nodiscard]] const ConnectionOptions& connection_options() const { return options_.connection; }

 private:
  using Steady = std::chrono::steady_clock;

  class Loan {
   public:
    Loan(Pool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    Loan(Loan&&) noexcept = default;
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    [[nodiscard]] Connection& connection() const { return *connection_; }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  Result<Loan> borrow(std::chrono::milliseconds wait);
  /// With the mutex held: an idle connection whose server has not hung up, or none.
  std::unique_ptr<Connection> take_idle();
  [[nodiscard]] bool may_connect() const;
  Result<std::unique_ptr<Connection>> connect(std::unique_lock<std::mutex>& lock);
  void give_back(std::unique_ptr<Connection> connection);

  const PoolOptions options_;
  Logger& logger_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Connection>> idle_;  ///< the one used last at the end
  int open_ = 0;                                   ///< idle, borrowed and being made
  int failures_ = 0;                               ///< of connecting, since it last went well
  bool is_trying_ = false;                         ///< whether a call tries a server that was away
  Steady::time_point next_try_{};
};

}  // namespace decant::database::postgresql
