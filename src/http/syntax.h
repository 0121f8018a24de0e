#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace decant::http {

/// ASCII only: what RFC 9110 means by case-insensitive.
[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right);
[[nodiscard]] std::string to_lower(std::string_view text);

/// A tchar of RFC 9110 5.6.2.
[[nodiscard]] bool is_token_character(char character);
[[nodiscard]] bool is_token(std::string_view text);
/// Without optional whitespace (SP, HTAB) at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);
/// The part before `separator`; `text` keeps what follows it (nothing when there was none).
std::string_view take_until(std::string_view& text, char separator);

/// Digits only, no sign, no space, no overflow.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text);

/// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);

/// RFC 3986 percent-decoding; nothing for an incomplete or invalid escape.
[[nodiscard]] std::optional<std::string> decode_percent(std::string_view text);

}  // namespace decant::http
