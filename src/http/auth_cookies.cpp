#include "http/auth_cookies.h"

#include <fmt/format.h>

#include "http/syntax.h"

namespace decant::http {

std::string_view find_cookie(const Request& request, const Cookie& cookie) {
  std::string_view rest = request.header("Cookie");
  while (!rest.empty()) {
    std::string_view pair = trim(take_until(rest, ';'));
    const std::string_view name = take_until(pair, '=');
    if (name == cookie.name) return pair;
  }
  return {};
}

void set_cookie(Response& response, const Cookie& cookie, std::string_view value, std::chrono::seconds lifetime,
                const Request& request, SecureCookies secure) {
  const bool is_secure = secure == SecureCookies::always || request.scheme == "https";
  response.add("Set-Cookie", fmt::format("{}={}; Path={}; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie.name, value,
                                         cookie.path, lifetime.count(), is_secure ? "; Secure" : ""));
}

}  // namespace decant::http
