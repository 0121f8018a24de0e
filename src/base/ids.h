#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace decant {

/// A UUID version 7 (RFC 9562) in its lower-case text form: 36 characters, sorted by the millisecond of its making,
/// with 74 random bits, so that nobody guesses another's. `Tag` keeps ids of different things apart.
template <class Tag>
class Id {
 public:
  Id() = default;
  /// Checks the form (any case is taken, lower case is kept).
  static std::optional<Id> parse(std::string_view text);
  static Id make(WallTime now);
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool is_set() const { return !text_.empty(); }
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  explicit Id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// `count` random bytes of the kernel's generator as lower-case hexadecimal.
[[nodiscard]] std::string random_hex(std::size_t count);

namespace ids_detail {
std::string make_uuid7(WallTime now);
std::optional<std::string> normalize_uuid(std::string_view text);
}  // namespace ids_detail

template <class Tag>
std::optional<Id<Tag>> Id<Tag>::parse(std::string_view text) {
  if (auto normal = ids_detail::normalize_uuid(text)) return Id(*std::move(normal));
  return std::nullopt;
}

template <class Tag>
Id<Tag> Id<Tag>::make(WallTime now) {
  return Id(ids_detail::make_uuid7(now));
}

}  // namespace decant
