#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace decant::http {

/// IPv4 in its own form also where it came mapped into IPv6, so that one client has one address.
[[nodiscard]] boost::asio::ip::address normalize(const boost::asio::ip::address& address);

/// The peers whose word about their own clients is taken.
class TrustedProxies {
 public:
  /// Addresses and networks: "10.0.0.0/8", "::1". invalid_argument names the one that is wrong.
  static Result<TrustedProxies> parse(const std::vector<std::string>& entries);

  [[nodiscard]] bool contains(const boost::asio::ip::address& address) const;
  /// Who the client is: `peer`, or while that is trusted, what it and the proxies before it appended to
  /// X-Forwarded-For: the last address there that is not a trusted proxy itself. Both are normalized.
  [[nodiscard]] boost::asio::ip::address client_of(const boost::asio::ip::address& peer,
                                                   std::string_view forwarded_for) const;

 private:
  using Network = std::variant<boost::asio::ip::network_v4, boost::asio::ip::network_v6>;
  std::vector<Network> networks_;
};

}  // namespace decant::http
