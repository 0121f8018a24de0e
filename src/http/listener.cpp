#include "http/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>

namespace decant::http {
namespace {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::asio::ip::tcp;

constexpr int backlog = 4096;
/// How long accepting pauses when the process has no descriptor left.
constexpr std::chrono::milliseconds accept_pause{100};

tcp::endpoint to_endpoint(const sockaddr_storage& address, socklen_t size) {
  tcp::endpoint endpoint;
  endpoint.resize(size);
  std::memcpy(endpoint.data(), &address, size);
  return endpoint;
}

void set_option(const Descriptor& socket, int level, int option) {
  const int on = 1;
  ::setsockopt(socket.get(), level, option, &on, sizeof on);
}

}  // namespace

Result<Descriptor> open_listening_socket(const std::string& address, std::uint16_t port, PortUse use) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  if (error) return failure(ErrorCode::invalid_argument, "cannot listen on \"" + address + "\": it is no IP address");
  const tcp::endpoint endpoint(parsed, port);
  // Descriptors must not reach programs that other threads start: CLOEXEC from the first moment, which Asio's own calls
  // do not set.
  Descriptor socket{::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket.is_open()) return system_failure(errno, "open a socket");
  set_option(socket, SOL_SOCKET, SO_REUSEADDR);
  // Two processes of one user with SO_REUSEPORT would share a port without a word, each with a part of the requests. So
  // the first socket binds without it and allows it to the others afterwards.
  if (use == PortUse::join) set_option(socket, SOL_SOCKET, SO_REUSEPORT);
  const bool bound = ::bind(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0;
  if (bound && use == PortUse::first) set_option(socket, SOL_SOCKET, SO_REUSEPORT);
  if (!bound || ::listen(socket.get(), backlog) != 0) {
    const std::string where = fmt::format("{} port {}", address, port);
    if (errno == EADDRINUSE)
      return failure(ErrorCode::unavailable, "cannot listen on " + where + ": the port is taken");
    if (errno == EADDRNOTAVAIL) {
      return failure(ErrorCode::invalid_argument, "cannot listen on " + where + ": this machine has no such address");
    }
    if (errno == EACCES)
      return failure(ErrorCode::forbidden, "cannot listen on " + where + ": this port needs more rights");
    return system_failure(errno, "listen on " + where);
  }
  return socket;
}

Result<std::uint16_t> bound_port(const Descriptor& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return system_failure(errno, "read the port of a socket");
  }
  return to_endpoint(address, size).port();
}

Listener::Listener(const Site& site, ConnectionLimits& limits, Descriptor listening_socket)
    : site_(site),
      limits_(limits),
      io_(1),
      acceptor_(io_.get_executor(), listening_socket.release()),
      sweep_timer_(io_.get_executor()),
      accept_pause_(io_.get_executor()) {
  const auto end_of_program = [](const std::exception_ptr& fault) {
    if (fault) std::rethrow_exception(fault);
  };
  boost::asio::co_spawn(io_, accept_connections(), end_of_program);
  boost::asio::co_spawn(io_, sweep_connections(), end_of_program);
  // Signals are for the main thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { io_.run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Listener::~Listener() {
  stop_accepting();
  drain();
  cut();
  thread_.join();
  site_.pool.wait_until_idle();
}

void Listener::stop_accepting() {
  boost::asio::post(io_, [this] {
    if (!std::exchange(is_accepting_, false)) return;
    accept_waiting();
    close_acceptor();
    is_closed_.count_down();
  });
  is_closed_.wait();
}

void Listener::drain() {
  boost::asio::post(io_, [this] {
    surroundings_.is_draining = true;
    for (Connection& connection : connections_) connection.drain();
    if (connections_.empty()) sweep_timer_.cancel();
  });
}

void Listener::cut() {
  boost::asio::post(io_, [this] {
    for (Connection& connection : connections_) connection.cut();
  });
}

void Listener::close_acceptor() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
}

Awaitable<void> Listener::accept_connections() {
  while (is_accepting_) {
    boost::system::error_code error;
    co_await acceptor_.async_wait(decltype(acceptor_)::wait_read, redirect_error(use_awaitable, error));
    if (!is_accepting_) co_return;
    if (!accept_waiting()) {
      site_.logger.warning("cannot accept connections: out of descriptors or memory");
      accept_pause_.expires_after(accept_pause);
      co_await accept_pause_.async_wait(redirect_error(use_awaitable, error));
    }
  }
}

bool Listener::accept_waiting() {
  while (true) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Descriptor client{::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size,
                                SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!client.is_open()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
    }
    set_option(client, IPPROTO_TCP, TCP_NODELAY);
    serve(std::move(client), normalize(to_endpoint(address, size).address()));
  }
}

void Listener::serve(Descriptor client, const boost::asio::ip::address& peer) {
  const Admission admission = limits_.enter(peer);
  if (admission == Admission::drop) return limits_.leave(peer);
  ClientSocket::Socket socket(io_.get_executor());
  boost::system::error_code error;
  socket.assign(peer.is_v4() ? tcp::v4() : tcp::v6(), client.get(), error);
  if (error) return limits_.leave(peer);
  (void)client.release();
  socket.non_blocking(true, error);
  connections_.emplace_front(site_, surroundings_, std::move(socket), peer);
  const auto connection = connections_.begin();
  auto end = [this, connection](const std::exception_ptr& fault) {
    if (fault) site_.logger.error("a connection failed");
    limits_.leave(connection->peer());
    connections_.erase(connection);
    if (surroundings_.is_draining && connections_.empty()) sweep_timer_.cancel();
  };
  boost::asio::co_spawn(io_, admission == Admission::welcome ? connection->run() : connection->turn_away(),
                        std::move(end));
}

Awaitable<void> Listener::sweep_connections() {
  while (!surroundings_.is_draining || !connections_.empty()) {
    boost::system::error_code error;
    sweep_timer_.expires_after(site_.options.sweep_interval);
    co_await sweep_timer_.async_wait(redirect_error(use_awaitable, error));
    const SteadyTime now = std::chrono::steady_clock::now();
    for (Connection& connection : connections_) connection.sweep(now);
  }
}

}  // namespace decant::http
