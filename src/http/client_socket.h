#pragma once

#include <sys/uio.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/pace.h"

namespace decant::http {

/// A connected socket whose every wait has a deadline. It has no timer of its own: the owner calls sweep() now and
/// then. One thread. Errors: timed_out, and canceled when the peer is gone or close() was called.
class ClientSocket {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  explicit ClientSocket(Socket socket) : socket_(std::move(socket)) {}

  /// Some bytes; 0 at the peer's end.
  boost::asio::awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer, SteadyTime deadline);
  /// All bytes of both spans, in one packet where they fit.
  boost::asio::awaitable<Result<void>> write(std::string_view first, std::string_view second, PaceMeter& pace);
  /// The same, and more follows at once.
  boost::asio::awaitable<Result<void>> write_with_more_to_come(std::string_view bytes, PaceMeter& pace);
  /// `length` bytes of the file from `offset` by sendfile. internal when the file is shorter.
  boost::asio::awaitable<Result<void>> send_file(int file, ByteCount offset, ByteCount length, PaceMeter& pace);

  /// Until notify() is called, the deadline passes, or there is nobody any more: canceled. A peer that says something
  /// into an answer counts as gone.
  boost::asio::awaitable<Result<void>> wait_for_notice(SteadyTime deadline);
  /// Ends the wait_for_notice() under way, or the next.
  void notify();
  /// What was written and the peer has not acknowledged.
  [[nodiscard]] ByteCount unacknowledged();

  [[nodiscard]] Socket::executor_type executor() { return socket_.get_executor(); }

  /// No more writing; reading goes on.
  void finish_writing();
  /// Ends the wait under way with timed_out when its deadline has passed.
  void sweep(SteadyTime now);
  /// Ends the wait under way, and all later ones, with canceled. What was written still reaches the peer.
  void close();
  /// The same by a reset: what the peer has not taken yet is forgotten, instead of filling the kernel's memory until it
  /// times out.
  void abort();

 private:
  boost::asio::awaitable<Result<void>> wait_writable(PaceMeter& pace);
  boost::asio::awaitable<Result<void>> send_all(std::span<iovec> parts, int flags, PaceMeter& pace);
  /// The error of a wait that ended with `what`.
  Failure broken(const boost::system::error_code& what);

  Socket socket_;
  SteadyTime deadline_ = SteadyTime::max();
  bool has_expired_ = false;
  bool has_notice_ = false;
  bool waits_for_notice_ = false;
  bool may_have_more_ = false;  ///< the last read filled its buffer
  ByteCount read_in_turn_ = 0;  ///< since the other connections of the thread had theirs
};

}  // namespace decant::http
