#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace decant::http {

/// `form-data; name="audio"; filename="a.mp3"`
struct ParameterizedValue {
  std::string value;                                            ///< lower case
  std::vector<std::pair<std::string, std::string>> parameters;  ///< names in lower case; values without quotes

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
};

/// A field value with parameters (RFC 9110 5.6.6). Within quotes a backslash escapes only a quote or a backslash, so
/// that "C:\song.mp3" of old clients keeps its own. Nothing when it is malformed or a parameter is repeated.
[[nodiscard]] std::optional<ParameterizedValue> parse_parameterized(std::string_view text);

/// The value of a parameter such as filename* (RFC 8187), in UTF-8; nothing unless it is well-formed and in UTF-8 or
/// ISO-8859-1.
[[nodiscard]] std::optional<std::string> decode_extended(std::string_view text);

}  // namespace decant::http
