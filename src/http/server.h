#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "http/blocking_pool.h"
#include "http/pace.h"
#include "http/router.h"

namespace decant::http {

/// A request that was answered, for whoever counts.
struct Answered {
  const Request& request;
  const Route* route = nullptr;  ///< null: there is none for it, or it was refused before one was looked for
  int status = 0;
  std::chrono::duration<double> took{};  ///< from its first byte to the last of the answer, or to a stream's beginning
};

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< numeric, IPv4 or IPv6
  std::uint16_t port = 8080;          ///< 0: the kernel chooses
  int threads = 1;                    ///< I/O threads, each with its own io_context and SO_REUSEPORT acceptor
  int max_connections = 10'000;
  int max_connections_per_address = 256;             ///< of one peer that is no trusted proxy
  std::size_t max_header_bytes = 16 * 1024;          ///< request line and fields; more is 431
  int max_header_fields = 100;                       ///< more is 431
  std::size_t max_target_bytes = 8 * 1024;           ///< more is 414
  std::chrono::milliseconds header_timeout{10'000};  ///< from the first byte of a head to its last; then 408
  std::chrono::milliseconds idle_timeout{60'000};    ///< between requests; then closed without a word
  Pace body_pace{.bytes = 4 * 1024, .window = std::chrono::seconds(10)};      ///< a slower upload is 408
  Pace response_pace{.bytes = 4 * 1024, .window = std::chrono::seconds(20)};  ///< a slower reader is cut
  ByteCount max_discarded_body = 64 * 1024;  ///< what a handler left unread, to keep the connection; more closes it
  std::chrono::milliseconds linger_timeout{10'000};  ///< how long to take in the rest of a refused request
  std::chrono::milliseconds sweep_interval{1'000};   ///< resolution of all the timeouts above
  std::chrono::seconds busy_retry_after{5};          ///< Retry-After of the 503 when there are too many connections
  /// Addresses and networks ("10.0.0.0/8", "::1") whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies;
  LogLevel access_log_level = LogLevel::info;
  /// Hears of every answer, also one that the client did not wait for. On the I/O threads: returns at once.
  std::function<void(const Answered&)> observe = [](const Answered&) {};
};

/// The HTTP/1.1 server (RFC 9110, RFC 9112). It ignores SIGPIPE for the whole process, since sendfile cannot say
/// MSG_NOSIGNAL. Everything passed by reference outlives it. The destructor stops it at once and waits for handlers
/// that still block on the pool.
class Server {
 public:
  Server(ServerOptions options, const Router& router, Authenticator authenticator, BlockingPool& pool, Logger& logger);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens when it returns. invalid_argument names the option that is wrong; unavailable when the port is taken.
  Result<void> start();
  /// After start: where it listens.
  [[nodiscard]] std::uint16_t port() const;
  /// New connections are refused from now on; those that are open are served on. Idempotent.
  void stop_accepting();
  /// Stops accepting, closes idle connections, lets running requests finish within the budget, then cuts the rest.
  /// Idempotent.
  void stop(std::chrono::milliseconds budget);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace decant::http
