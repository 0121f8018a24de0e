#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace decant::programs {

struct ListenAddress {
  std::string host;  ///< numeric, IPv4 or IPv6 without brackets
  std::uint16_t port = 0;

  /// An address to connect to: loopback where `host` means every interface.
  [[nodiscard]] std::string reachable_host() const;
};

/// "127.0.0.1:8080", "[::1]:8080". `setting` is named by the error.
Result<ListenAddress> parse_listen_address(std::string_view text, std::string_view setting = "listen");

/// "http://127.0.0.1:8080/".
[[nodiscard]] std::string page_url(const ListenAddress& address);

}  // namespace decant::programs
