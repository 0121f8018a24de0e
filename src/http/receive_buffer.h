#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace decant::http {

/// What came from the socket and is not used yet. Small while a connection idles: it grows on demand up to its limit.
class ReceiveBuffer {
 public:
  explicit ReceiveBuffer(std::size_t limit) : limit_(limit) {}

  [[nodiscard]] std::span<const std::byte> data() const { return std::span(storage_).subspan(begin_, end_ - begin_); }
  [[nodiscard]] bool is_empty() const { return begin_ == end_; }
  [[nodiscard]] bool is_full() const { return end_ - begin_ == limit_; }
  void consume(std::size_t count);

  /// Room for more, never empty unless is_full(). Invalidates data().
  [[nodiscard]] std::span<std::byte> prepare();
  void commit(std::size_t count) { end_ += count; }
  /// Gives memory back that only a large request needed.
  void shrink();

 private:
  static constexpr std::size_t initial_size = 2048;

  std::size_t limit_;
  std::vector<std::byte> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace decant::http
