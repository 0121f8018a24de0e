#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "database/postgresql/connection.h"
#include "tasks/broker.h"
#include "tasks/retry.h"

namespace decant::database::postgresql {

struct BellOptions {
  ConnectionOptions connection;
  /// NOTIFY takes a lock of the whole server at its commit: one process sends at most one in this time.
  std::chrono::milliseconds pause{5};
  tasks::Backoff reconnect{.first = std::chrono::milliseconds(100), .longest = std::chrono::seconds(5)};
};

/// A bell for all processes that share a database: NOTIFY and LISTEN on a connection of its own. Deliveries name no
/// task. It is a hint and no more: rings that come close together are one, those of the time without a server are lost,
/// and a new connection counts as a ring; behind it workers look by themselves. Of several receive() of one Bell a ring
/// wakes one; every other Bell on the same database hears it, too.
class Bell final : public tasks::Broker {
 public:
  /// Hears what rings from now on. The logger outlives it.
  static Result<std::unique_ptr<tasks::Broker>> open(BellOptions options, Logger& logger);
  ~Bell() override;

  /// Blocks for nobody.
  Result<void> publish(std::span<const tasks::TaskRef> tasks) override;
  Result<std::optional<tasks::Delivery>> receive(std::chrono::milliseconds timeout) override;
  Result<void> extend(const tasks::Delivery&, std::chrono::milliseconds) override { return {}; }
  Result<void> acknowledge(const tasks::Delivery&) override { return {}; }
  Result<void> release(const tasks::Delivery&) override { return {}; }
  void interrupt() override;

 private:
  using Steady = std::chrono::steady_clock;

  Bell(BellOptions options, std::unique_ptr<Connection> connection, Logger& logger);
  void run(const std::stop_token& stop, std::unique_ptr<Connection> connection);
  static Result<std::unique_ptr<Connection>> listen(const ConnectionOptions& options);
  /// Rings and listens until the connection is lost.
  Result<void> serve(const std::stop_token& stop, Connection& connection);
  /// Sends what publish() asked for, unless the pause is not over: then says how long it still is.
  Result<std::chrono::milliseconds> notify(Connection& connection);
  void wait(std::chrono::milliseconds timeout, int socket);
  void hear();

  const BellOptions options_;
  Logger& logger_;
  Descriptor wake_;  ///< eventfd: something is to be sent, or it is over
  std::mutex mutex_;
  std::condition_variable rung_or_interrupted_;
  bool is_rung_ = false;
  bool is_interrupted_ = false;
  bool is_to_notify_ = false;
  Steady::time_point next_notify_{};
  std::jthread thread_;
};

}  // namespace decant::database::postgresql
