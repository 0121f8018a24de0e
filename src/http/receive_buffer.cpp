#include "http/receive_buffer.h"

#include <algorithm>

namespace decant::http {

void ReceiveBuffer::consume(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

std::span<std::byte> ReceiveBuffer::prepare() {
  if (end_ == storage_.size() && begin_ > 0) {
    std::ranges::copy(data(), storage_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == storage_.size()) {
    storage_.resize(std::min(limit_, std::max(initial_size, storage_.size() * 2)));
  }
  return std::span(storage_).subspan(end_);
}

void ReceiveBuffer::shrink() {
  if (storage_.size() <= initial_size || !is_empty()) return;
  storage_.resize(initial_size);
  storage_.shrink_to_fit();
}

}  // namespace decant::http
