#include "database/postgresql/bell.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>

namespace decant::database::postgresql {
namespace {

using std::chrono::milliseconds;

// How often a listener that hears nothing asks whether its server is still there.
constexpr milliseconds heartbeat = std::chrono::seconds(20);

}  // namespace

Result<std::unique_ptr<tasks::Broker>> Bell::open(BellOptions options, Logger& logger) {
  DECANT_TRY(auto connection, listen(options.connection));
  // Not make_unique: the constructor is open's alone.
  return std::unique_ptr<tasks::Broker>(new Bell(std::move(options), std::move(connection), logger));
}

Result<std::unique_ptr<Connection>> Bell::listen(const ConnectionOptions& options) {
  DECANT_TRY(auto connection, Connection::open(options));
  DECANT_CHECK(connection->execute_script("LISTEN decant_ready"));
  return connection;
}

Bell::Bell(BellOptions options, std::unique_ptr<Connection> connection, Logger& logger)
    : options_(std::move(options)),
      logger_(logger),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      thread_([this, first = std::move(connection)](const std::stop_token& stop) mutable {
        run(stop, std::move(first));
      }) {}

Bell::~Bell() {
  thread_.request_stop();
  ::eventfd_write(wake_.get(), 1);
}

Result<void> Bell::publish(std::span<const tasks::TaskRef>) {
  {
    const std::lock_guard lock(mutex_);
    is_to_notify_ = true;
    is_rung_ = true;  // those of this process need no server
  }
  rung_or_interrupted_.notify_one();
  ::eventfd_write(wake_.get(), 1);
  return {};
}

Result<std::optional<tasks::Delivery>> Bell::receive(milliseconds timeout) {
  std::unique_lock lock(mutex_);
  rung_or_interrupted_.wait_for(lock, timeout, [this] { return is_rung_ || is_interrupted_; });
  if (is_interrupted_ || !is_rung_) return std::nullopt;
  is_rung_ = false;
  return tasks::Delivery{};
}

void Bell::interrupt() {
  {
    const std::lock_guard lock(mutex_);
    is_interrupted_ = true;
  }
  rung_or_interrupted_.notify_all();
}

void Bell::hear() {
  {
    const std::lock_guard lock(mutex_);
    is_rung_ = true;
  }
  rung_or_interrupted_.notify_one();
}

void Bell::run(const std::stop_token& stop, std::unique_ptr<Connection> connection) {
  while (!stop.stop_requested()) {
    const Result<void> served = serve(stop, *connection);
    if (served) return;
    logger_.warning("the bell is away; workers look by themselves", {{"error", served.error().describe()}});
    for (int failures = 1;; ++failures) {
      const auto bound = options_.reconnect.bound(failures);
      const auto until = Steady::now() + bound / 2 + tasks::draw_up_to(bound / 2);
      while (!stop.stop_requested() && Steady::now() < until) {
        wait(std::chrono::ceil<milliseconds>(until - Steady::now()), -1);
      }
      if (stop.stop_requested()) return;
      if (auto next = listen(options_.connection)) {
        connection = *std::move(next);
        break;
      }
    }
    logger_.info("the bell is back");
    hear();  // rings may have been lost while nobody listened
  }
}

Result<void> Bell::serve(const std::stop_token& stop, Connection& connection) {
  auto next_heartbeat = Steady::now() + heartbeat;
  while (!stop.stop_requested()) {
    DECANT_TRY(const milliseconds pause, notify(connection));
    if (Steady::now() >= next_heartbeat) {
      DECANT_CHECK(connection.execute_script("SELECT"));
      next_heartbeat = Steady::now() + heartbeat;
    }
    wait(std::min(pause, std::chrono::ceil<milliseconds>(next_heartbeat - Steady::now())), connection.socket());
    if (!connection.take_input()) return connection.execute_script("SELECT");  // says what is wrong
    if (connection.take_notifications()) hear();
  }
  return {};
}

Result<milliseconds> Bell::notify(Connection& connection) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_to_notify_) return heartbeat;
    const auto now = Steady::now();
    if (now < next_notify_) return std::chrono::ceil<milliseconds>(next_notify_ - now);
    is_to_notify_ = false;
    next_notify_ = now + options_.pause;
  }
  DECANT_CHECK(connection.execute_script("NOTIFY decant_ready"));
  return heartbeat;
}

void Bell::wait(milliseconds timeout, int socket) {
  std::array<pollfd, 2> waiting{{{wake_.get(), POLLIN, 0}, {socket, POLLIN, 0}}};
  ::poll(waiting.data(), waiting.size(), static_cast<int>(std::max<std::int64_t>(timeout.count(), 0)));
  eventfd_t ignored = 0;
  (void)::eventfd_read(wake_.get(), &ignored);
}

}  // namespace decant::database::postgresql
