#include "http/client_socket.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

namespace decant::http {
namespace {

using boost::asio::awaitable;
using boost::asio::redirect_error;
using boost::asio::use_awaitable;

/// How much one connection sends before the others of its thread get their turn.
constexpr ByteCount fair_share = 1024 * 1024;

bool would_block(int error_number) { return error_number == EAGAIN || error_number == EWOULDBLOCK; }

Failure gone(int error_number) {
  return failure(ErrorCode::canceled, "the client is gone", std::generic_category().message(error_number));
}

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

Failure ClientSocket::broken(const boost::system::error_code& what) {
  if (std::exchange(has_expired_, false)) return failure(ErrorCode::timed_out, "the client was too slow");
  return failure(ErrorCode::canceled, "the client is gone", what.message());
}

awaitable<Result<std::size_t>> ClientSocket::read_some(std::span<std::byte> buffer, SteadyTime deadline) {
  if (may_have_more_ && read_in_turn_ < fair_share) {
    // Spares a turn through the scheduler while data keeps pace with us.
    const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got >= 0) {
      may_have_more_ = static_cast<std::size_t>(got) == buffer.size();
      read_in_turn_ += got;
      co_return static_cast<std::size_t>(got);
    }
    if (!would_block(errno) && errno != EINTR) co_return gone(errno);
  }
  boost::system::error_code error;
  deadline_ = deadline;
  const std::size_t got = co_await socket_.async_read_some(boost::asio::buffer(buffer.data(), buffer.size()),
                                                           redirect_error(use_awaitable, error));
  deadline_ = SteadyTime::max();
  may_have_more_ = got == buffer.size();
  read_in_turn_ = 0;
  if (error == boost::asio::error::eof) co_return std::size_t{0};
  if (error) co_return broken(error);
  co_return got;
}

ByteCount ClientSocket::unacknowledged() {
  int count = 0;
  ::ioctl(socket_.native_handle(), SIOCOUTQ, &count);
  return count;
}

awaitable<Result<void>> ClientSocket::wait_writable(PaceMeter& pace) {
  // The kernel wakes a writer only when a third of its buffer is free, megabytes at times: what counts is what the peer
  // took.
  ByteCount before = unacknowledged();
  while (true) {
    const SteadyTime start = now();
    boost::system::error_code error;
    deadline_ = pace.deadline(start);
    co_await socket_.async_wait(Socket::wait_write, redirect_error(use_awaitable, error));
    deadline_ = SteadyTime::max();
    const ByteCount after = unacknowledged();
    pace.record(now() - start, before - after);
    if (!error) co_return Result<void>();
    Failure failed = broken(error);
    if (failed.error().code != ErrorCode::timed_out || pace.is_too_slow()) co_return failed;
    before = after;
  }
}

awaitable<Result<void>> ClientSocket::send_all(std::span<iovec> parts, int flags, PaceMeter& pace) {
  while (true) {
    while (!parts.empty() && parts.front().iov_len == 0) parts = parts.subspan(1);
    if (parts.empty()) co_return Result<void>();
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT | flags);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && would_block(errno)) {
      DECANT_CO_CHECK(co_await wait_writable(pace));
      continue;
    }
    if (sent < 0) co_return gone(errno);
    for (iovec& part : parts) {
      const std::size_t taken = std::min(part.iov_len, static_cast<std::size_t>(sent));
      part.iov_base = static_cast<char*>(part.iov_base) + taken;
      part.iov_len -= taken;
      sent -= static_cast<ssize_t>(taken);
    }
  }
}

awaitable<Result<void>> ClientSocket::write(std::string_view first, std::string_view second, PaceMeter& pace) {
  // sendmsg does not write through iov_base.
  std::array<iovec, 2> parts = {iovec{const_cast<char*>(first.data()), first.size()},
                                iovec{const_cast<char*>(second.data()), second.size()}};
  co_return co_await send_all(parts, 0, pace);
}

awaitable<Result<void>> ClientSocket::write_with_more_to_come(std::string_view bytes, PaceMeter& pace) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  co_return co_await send_all({&part, 1}, MSG_MORE, pace);
}

awaitable<Result<void>> ClientSocket::send_file(int file, ByteCount offset, ByteCount length, PaceMeter& pace) {
  off_t position = offset;
  const off_t end = offset + length;
  ByteCount share = fair_share;
  while (position < end) {
    if (share <= 0) {
      share = fair_share;
      co_await boost::asio::post(socket_.get_executor(), use_awaitable);
    }
    const auto wanted = static_cast<std::size_t>(std::min<ByteCount>(end - position, share));
    const ssize_t sent = ::sendfile(socket_.native_handle(), file, &position, wanted);
    if (sent > 0) {
      share -= sent;
      continue;
    }
    if (sent == 0) co_return failure(ErrorCode::internal, "the object is shorter than it was");
    if (errno == EINTR) continue;
    if (!would_block(errno)) co_return gone(errno);
    DECANT_CO_CHECK(co_await wait_writable(pace));
    share = fair_share;
  }
  co_return Result<void>();
}

awaitable<Result<void>> ClientSocket::wait_for_notice(SteadyTime deadline) {
  if (std::exchange(has_notice_, false) || now() >= deadline) co_return Result<void>();
  boost::system::error_code error;
  deadline_ = deadline;
  waits_for_notice_ = true;
  co_await socket_.async_wait(Socket::wait_read, redirect_error(use_awaitable, error));
  waits_for_notice_ = false;
  deadline_ = SteadyTime::max();
  const bool has_expired = std::exchange(has_expired_, false);
  if (std::exchange(has_notice_, false) || has_expired) co_return Result<void>();
  co_return broken(error);
}

void ClientSocket::notify() {
  has_notice_ = true;
  boost::system::error_code ignored;
  if (waits_for_notice_) socket_.cancel(ignored);
}

void ClientSocket::finish_writing() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void ClientSocket::sweep(SteadyTime time) {
  if (time < deadline_) return;
  deadline_ = SteadyTime::max();
  has_expired_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void ClientSocket::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void ClientSocket::abort() {
  boost::system::error_code ignored;
  socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

}  // namespace decant::http
