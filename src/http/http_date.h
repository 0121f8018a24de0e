#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace decant::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT": the IMF-fixdate of RFC 9110 5.6.7.
[[nodiscard]] std::string to_http_date(std::chrono::sys_seconds time);
/// All three forms that a recipient must take (IMF-fixdate, RFC 850, asctime); nothing for anything else.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                                      std::chrono::sys_seconds now);

}  // namespace decant::http
