#include "programs/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

namespace decant::programs {

std::string ListenAddress::reachable_host() const {
  if (host == "0.0.0.0") return "127.0.0.1";
  if (host == "::") return "::1";
  return host;
}

Result<ListenAddress> parse_listen_address(std::string_view text, std::string_view setting) {
  const Failure wrong = failure(ErrorCode::invalid_argument,
                                fmt::format("setting {} cannot be \"{}\"; it takes a numeric address and a port like "
                                            "127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080",
                                            setting, text));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong;
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);

  ListenAddress address;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), address.port);
  if (error != std::errc() || end != port_text.data() + port_text.size()) return wrong;

  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  address.host = std::string(host);
  in6_addr parsed{};
  if (::inet_pton(bracketed ? AF_INET6 : AF_INET, address.host.c_str(), &parsed) != 1) return wrong;
  return address;
}

std::string page_url(const ListenAddress& address) {
  const std::string host = address.reachable_host();
  return host.find(':') == std::string::npos ? fmt::format("http://{}:{}/", host, address.port)
                                             : fmt::format("http://[{}]:{}/", host, address.port);
}

}  // namespace decant::programs
