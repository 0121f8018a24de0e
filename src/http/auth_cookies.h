#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "http/message.h"

namespace decant::http {

/// A cookie of decant's own (RFC 6265): HttpOnly and SameSite=Strict.
struct Cookie {
  std::string_view name;
  std::string_view path;
};

/// A new access token for the page.
inline constexpr Cookie refresh_cookie{"decant_refresh", "/api/auth"};
/// Plain links to downloads, which cannot carry a bearer.
inline constexpr Cookie download_cookie{"decant_download", "/api/download"};

enum class SecureCookies {
  automatic,  ///< Secure when the request came by https
  always,
};

/// Empty when the request has none.
[[nodiscard]] std::string_view find_cookie(const Request& request, const Cookie& cookie);
/// Adds Set-Cookie. A lifetime of zero makes the browser forget the cookie.
void set_cookie(Response& response, const Cookie& cookie, std::string_view value, std::chrono::seconds lifetime,
                const Request& request, SecureCookies secure);

}  // namespace decant::http
