#include "http/request_body.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace decant::http {

std::optional<ByteCount> RequestBody::length() const {
  if (framing_.kind == Framing::Kind::chunked) return std::nullopt;
  return framing_.length;
}

bool RequestBody::is_complete() const {
  if (framing_.kind == Framing::Kind::chunked) return in_.parser.is_body_complete();
  return received_ == framing_.length;
}

bool RequestBody::is_nearly_complete(ByteCount bound) const {
  if (is_complete()) return true;
  // A client that waits for 100 may or may not send the body after a final answer (RFC 9110 10.1.1): nobody knows what
  // follows.
  return !failed_ && !owes_continue_ && framing_.kind == Framing::Kind::sized && framing_.length - received_ <= bound;
}

Failure RequestBody::too_large() const {
  return failure(ErrorCode::too_large, fmt::format("the request body is larger than {} bytes", limit_));
}

Awaitable<Result<std::size_t>> RequestBody::read_some(std::span<std::byte> buffer) {
  if (failed_) co_return Failure(*failed_);
  if (is_complete() || buffer.empty()) co_return std::size_t{0};
  if (std::exchange(owes_continue_, false) && in_.buffer.is_empty()) {
    if (auto sent = co_await in_.socket.write("HTTP/1.1 100 Continue\r\n\r\n", {}, pace_); !sent) {
      failed_ = std::move(sent).error();
      co_return Failure(*failed_);
    }
  }
  Result<std::size_t> result =
      framing_.kind == Framing::Kind::chunked ? co_await read_chunked(buffer) : co_await read_sized(buffer);
  if (!result) failed_ = result.error();
  co_return result;
}

Awaitable<Result<std::size_t>> RequestBody::receive(std::span<std::byte> buffer) {
  const SteadyTime start = std::chrono::steady_clock::now();
  DECANT_CO_TRY(const std::size_t count, co_await in_.socket.read_some(buffer, pace_.deadline(start)));
  pace_.record(std::chrono::steady_clock::now() - start, static_cast<ByteCount>(count));
  if (count == 0) co_return failure(ErrorCode::invalid_argument, "the request body broke off");
  co_return count;
}

Awaitable<Result<std::size_t>> RequestBody::read_sized(std::span<std::byte> buffer) {
  // Never past the body: what follows is the next request.
  const auto left = static_cast<std::size_t>(framing_.length - received_);
  const std::span<std::byte> room = buffer.first(std::min(buffer.size(), left));
  std::size_t count = 0;
  if (const auto early = in_.buffer.data(); !early.empty()) {
    count = std::min(early.size(), room.size());
    std::memcpy(room.data(), early.data(), count);
    in_.buffer.consume(count);
  } else {
    DECANT_CO_TRY(count, co_await receive(room));
  }
  received_ += static_cast<ByteCount>(count);
  co_return count;
}

Awaitable<Result<std::size_t>> RequestBody::read_chunked(std::span<std::byte> buffer) {
  while (true) {
    DECANT_CO_TRY(const RequestParser::Piece piece, in_.parser.feed_chunked(in_.buffer.data(), buffer));
    in_.buffer.consume(piece.used);
    received_ += static_cast<ByteCount>(piece.produced);
    if (received_ > limit_) co_return too_large();
    if (piece.produced > 0 || is_complete()) co_return piece.produced;
    if (piece.used > 0) continue;
    if (in_.buffer.is_full())
      co_return failure(ErrorCode::invalid_argument, "a chunk header or the trailer is too large");
    DECANT_CO_TRY(const std::size_t count, co_await receive(in_.buffer.prepare()));
    in_.buffer.commit(count);
  }
}

Awaitable<Result<void>> RequestBody::discard() {
  std::array<std::byte, 4096> scrap;
  while (!is_complete()) {
    DECANT_CO_CHECK(co_await read_some(scrap));
  }
  co_return Result<void>();
}

}  // namespace decant::http
