#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <latch>
#include <list>
#include <thread>

#include "base/file.h"
#include "http/connection.h"
#include "http/connection_limits.h"

namespace decant::http {

enum class PortUse {
  first,  ///< refuses a port that anybody listens on
  join,   ///< shares the port with the sockets that this process has there
};

/// A listening socket with SO_REUSEPORT, so that each I/O thread has its own and the kernel spreads connections over
/// them. Port 0: the kernel chooses. invalid_argument for an address that is none, unavailable when the port is taken.
Result<Descriptor> open_listening_socket(const std::string& address, std::uint16_t port, PortUse use);
/// The port that a socket is bound to.
Result<std::uint16_t> bound_port(const Descriptor& socket);

/// One I/O thread: its io_context, its acceptor, its connections. The public functions may be called from any thread;
/// they only ask, the thread does it.
class Listener {
 public:
  Listener(const Site& site, ConnectionLimits& limits, Descriptor listening_socket);
  /// Cuts what is open and joins the thread: waits for handlers that still block on the pool.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Connections that the kernel has taken already are still served; when it returns, others are refused. Not for the
  /// listener's own thread.
  void stop_accepting();
  /// Closes idle connections; the answers under way are the last of theirs.
  void drain();
  void cut();

 private:
  using Executor = boost::asio::io_context::executor_type;
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  Awaitable<void> accept_connections();
  /// Accepts until there is nothing to accept. False: the process is out of descriptors or memory.
  bool accept_waiting();
  void serve(Descriptor client, const boost::asio::ip::address& peer);
  Awaitable<void> sweep_connections();
  void close_acceptor();

  const Site& site_;
  ConnectionLimits& limits_;
  Surroundings surroundings_;
  boost::asio::io_context io_;
  boost::asio::posix::basic_stream_descriptor<Executor> acceptor_;
  Timer sweep_timer_;
  Timer accept_pause_;
  std::list<Connection> connections_;
  bool is_accepting_ = true;
  std::latch is_closed_{1};
  std::thread thread_;
};

}  // namespace decant::http
