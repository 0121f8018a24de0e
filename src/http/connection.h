#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>

#include "base/log.h"
#include "http/blocking_pool.h"
#include "http/client_socket.h"
#include "http/receive_buffer.h"
#include "http/request_body.h"
#include "http/request_parser.h"
#include "http/response_head.h"
#include "http/router.h"
#include "http/server.h"
#include "http/trusted_proxies.h"

namespace decant::http {

/// What all connections of a server share; immutable while it runs.
struct Site {
  const ServerOptions& options;
  const Router& router;
  const Authenticator& authenticator;
  const TrustedProxies& proxies;
  BlockingPool& pool;
  Logger& logger;
};

/// What the connections of one I/O thread share.
class Surroundings {
 public:
  Surroundings();
  /// The current time as a Date field has it, made once a second.
  [[nodiscard]] std::string_view date();
  [[nodiscard]] std::string make_request_id();

  bool is_draining = false;  ///< answers are the last on their connection

 private:
  std::string id_prefix_;
  std::uint64_t next_id_ = 0;
  std::chrono::sys_seconds date_time_{};
  std::string date_;
};

/// One client: reads request after request and answers each in turn. Lives on one thread.
class Connection {
 public:
  Connection(const Site& site, Surroundings& surroundings, ClientSocket::Socket socket, boost::asio::ip::address peer);

  /// Serves until the client or the server ends it.
  Awaitable<void> run();
  /// Answers 503 with Retry-After, whatever the client asks.
  Awaitable<void> turn_away();

  void sweep(SteadyTime now) { socket_.sweep(now); }
  /// Ends the connection when it waits for a request, and a stream between two of its pieces.
  void drain();
  /// Ends the connection, whatever it does. A handler under way finishes without a client.
  void cut() { socket_.abort(); }

  [[nodiscard]] const boost::asio::ip::address& peer() const { return peer_; }

 private:
  /// False: this was the last.
  Awaitable<bool> serve_next();
  /// Waits for the first byte; false when none comes.
  Awaitable<bool> wait_for_request();
  Awaitable<std::expected<Conduct, Refusal>> receive_head();
  std::expected<void, Refusal> interpret_head(Request& request);
  Awaitable<Response> answer(Request& request, const Router::Match& match, const Framing& framing);
  /// The same, with 500 for what it throws.
  Awaitable<Response> answer_or_fault(Request& request, const Router::Match& match, const Framing& framing);
  Awaitable<Result<void>> send(const Request& request, const Response& response, const ResponseFrame& frame);
  Awaitable<Result<void>> send_object(const ObjectBody& object, PaceMeter& pace);
  Awaitable<Result<void>> send_stream(ResponseStream& stream, int minor_version, PaceMeter& pace);
  /// Takes in what the client still sends, so that it reads the answer before it learns that nobody listens (RFC
  /// 9112 9.6).
  Awaitable<void> linger();
  /// Logs the request and tells whoever counts. `route`: null where there was none.
  void record(const Request& request, const Route* route, const Response& response, SteadyTime start,
              const Result<void>& sent);

  const Site& site_;
  Surroundings& surroundings_;
  ClientSocket socket_;
  boost::asio::ip::address peer_;
  ReceiveBuffer buffer_;
  RequestParser parser_;
  bool is_idle_ = false;
  bool is_first_ = true;
};

}  // namespace decant::http
