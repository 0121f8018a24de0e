#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>

#include "http/request_head.h"

namespace decant::http {

struct HeadLimits {
  std::size_t bytes = 0;         ///< request line and fields
  std::size_t target_bytes = 0;  ///< of the request target
  int fields = 0;
};

/// Splits what comes from a socket into one request after another. Neither reads nor waits: it is fed.
class RequestParser {
 public:
  explicit RequestParser(HeadLimits limits);
  ~RequestParser();

  /// Forgets the last request.
  void reset();

  /// Takes bytes of the head and says how many it used; what it leaves stands in front of the next call's. Refuses with
  /// 400, 414, 431, 505.
  std::expected<std::size_t, Refusal> feed_head(std::span<const std::byte> bytes);
  [[nodiscard]] bool is_head_complete() const;
  [[nodiscard]] RequestHead& head();

  struct Piece {
    std::size_t used = 0;      ///< of the bytes
    std::size_t produced = 0;  ///< of the room
  };
  /// Decodes a chunked body after its head. Using nothing means that more bytes are needed. Trailers are dropped.
  /// invalid_argument when the framing is wrong.
  Result<Piece> feed_chunked(std::span<const std::byte> bytes, std::span<std::byte> room);
  [[nodiscard]] bool is_body_complete() const;

 private:
  class Machine;
  HeadLimits limits_;
  std::unique_ptr<Machine> machine_;
};

}  // namespace decant::http
