#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace decant {

/// Bytes of a file format under construction.
class ByteWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void be16(std::uint16_t value) { big_endian(value, 2); }
  void be24(std::uint32_t value) { big_endian(value, 3); }
  void be32(std::uint32_t value) { big_endian(value, 4); }
  void be64(std::uint64_t value) { big_endian(value, 8); }
  void le16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value));
    u8(static_cast<std::uint8_t>(value >> 8));
  }
  void le32(std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) u8(static_cast<std::uint8_t>(value >> shift));
  }
  void le64(std::uint64_t value) {
    le32(static_cast<std::uint32_t>(value));
    le32(static_cast<std::uint32_t>(value >> 32));
  }
  void text(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
  void bytes(std::span<const std::uint8_t> more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  void zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] const std::vector<std::uint8_t>& get() const { return bytes_; }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  void big_endian(std::uint64_t value, int count) {
    for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) u8(static_cast<std::uint8_t>(value >> shift));
  }
  std::vector<std::uint8_t> bytes_;
};

/// Reads numbers from bytes that may end anywhere: past the end everything is zero and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  /// All that is left, which stays.
  [[nodiscard]] std::span<const std::uint8_t> peek() const { return bytes_; }
  std::span<const std::uint8_t> take(std::size_t count) {
    if (count > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  std::uint64_t big_endian(std::size_t count) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(count)) value = value << 8 | byte;
    return value;
  }
  std::uint64_t little_endian(std::size_t count) {
    std::uint64_t value = 0;
    int shift = 0;
    for (const std::uint8_t byte : take(count)) {
      value |= static_cast<std::uint64_t>(byte) << shift;
      shift += 8;
    }
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(big_endian(1)); }
  std::uint32_t be32() { return static_cast<std::uint32_t>(big_endian(4)); }
  std::uint32_t le32() { return static_cast<std::uint32_t>(little_endian(4)); }
  std::string_view text(std::size_t count) {
    const auto taken = take(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  /// Up to the next NUL, which is taken too and is not in the text.
  std::string_view text_until_nul() {
    const auto end = std::ranges::find(bytes_, 0);
    const std::string_view found = text(static_cast<std::size_t>(end - bytes_.begin()));
    take(1);
    return found;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  bool ok_ = true;
};

}  // namespace decant
