#pragma once

#include <fmt/format.h>

#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace decant::database::postgresql {

/// A value in the server's text form of its type, which the caller vouches for: an array.
struct Literal {
  std::string text;
};

/// The values of $1, $2, … of one call. Texts may hold any byte: they travel in the binary format with their length,
/// and the server refuses what the column cannot hold. An id that is not set is NULL, which equals nothing.
class Values {
 public:
  template <class... Each>
  explicit Values(const Each&... values) {
    kept_.reserve(sizeof...(values));
    (add(values), ...);
    for (const auto& value : kept_) {
      pointers_.push_back(value ? value->c_str() : nullptr);
      lengths_.push_back(value ? static_cast<int>(value->size()) : 0);
    }
  }
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  [[nodiscard]] int count() const { return static_cast<int>(kept_.size()); }
  [[nodiscard]] const char* const* pointers() const { return pointers_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  enum Format { as_text, as_binary };

  void keep(std::optional<std::string> value, Format format) {
    kept_.push_back(std::move(value));
    formats_.push_back(format);
  }
  void add(std::string_view text) { keep(std::string(text), as_binary); }
  void add(const std::string& text) { keep(text, as_binary); }
  void add(const Literal& literal) { keep(literal.text, as_text); }
  void add(std::nullopt_t) { keep(std::nullopt, as_text); }
  void add(double number) { keep(fmt::format("{}", number), as_text); }
  void add(std::same_as<bool> auto flag) { keep(flag ? "t" : "f", as_text); }
  void add(std::same_as<std::int64_t> auto number) { keep(std::to_string(number), as_text); }
  void add(std::same_as<int> auto number) { keep(std::to_string(number), as_text); }
  void add(std::chrono::milliseconds duration) { add(std::int64_t{duration.count()}); }
  void add(WallTime time) { add(time.time_since_epoch()); }
  template <class Tag>
  void add(const Id<Tag>& id) {
    keep(id.is_set() ? std::optional(id.text()) : std::nullopt, as_text);
  }
  template <class Value>
  void add(const std::optional<Value>& value) {
    if (value)
      add(*value);
    else
      add(std::nullopt);
  }

  std::vector<std::optional<std::string>> kept_;
  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

}  // namespace decant::database::postgresql
