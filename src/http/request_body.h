#pragma once

#include "http/client_socket.h"
#include "http/message.h"
#include "http/pace.h"
#include "http/receive_buffer.h"
#include "http/request_parser.h"

namespace decant::http {

/// What a connection reads from: the socket, and what was read from it already.
struct Incoming {
  ClientSocket& socket;
  ReceiveBuffer& buffer;
  RequestParser& parser;
};

/// The body of the request under way. Bytes of a sized body go from the socket straight into the caller's buffer.
class RequestBody final : public BodyReader {
 public:
  RequestBody(Incoming incoming, const Conduct& conduct, ByteCount limit, const Pace& pace)
      : in_(incoming),
        framing_(conduct.framing),
        limit_(limit),
        pace_(pace),
        owes_continue_(conduct.expects_continue) {}

  [[nodiscard]] std::optional<ByteCount> length() const override;
  Awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) override;

  [[nodiscard]] bool is_complete() const;
  /// Whether at most `bound` bytes are left, so that the next request can follow when they are discarded.
  [[nodiscard]] bool is_nearly_complete(ByteCount bound) const;
  /// Reads the rest of a sized body and forgets it.
  Awaitable<Result<void>> discard();

 private:
  Awaitable<Result<std::size_t>> read_sized(std::span<std::byte> buffer);
  Awaitable<Result<std::size_t>> read_chunked(std::span<std::byte> buffer);
  /// read_some of the socket, held to the pace. Its end is an error: the body is not complete yet.
  Awaitable<Result<std::size_t>> receive(std::span<std::byte> buffer);
  [[nodiscard]] Failure too_large() const;

  Incoming in_;
  Framing framing_;
  ByteCount limit_;
  PaceMeter pace_;
  bool owes_continue_;  ///< the client waits for 100 before it sends
  ByteCount received_ = 0;
  std::optional<Error> failed_;
};

}  // namespace decant::http
