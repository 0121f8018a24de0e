#include "http/trusted_proxies.h"

#include <algorithm>
#include <optional>

#include "http/syntax.h"

namespace decant::http {
namespace {

namespace ip = boost::asio::ip;

template <class Network, class Address>
bool holds(const Network& network, const Address& address) {
  return Network(address, network.prefix_length()).canonical() == network.canonical();
}

/// "192.0.2.1", "192.0.2.1:1234", "2001:db8::1", "[2001:db8::1]:1234"
std::optional<ip::address> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return normalize(address);
}

}  // namespace

ip::address normalize(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& entries) {
  TrustedProxies proxies;
  for (const std::string& entry : entries) {
    const bool is_v6 = entry.contains(':');
    const std::string network = entry.contains('/') ? entry : entry + (is_v6 ? "/128" : "/32");
    boost::system::error_code error;
    if (is_v6) {
      proxies.networks_.emplace_back(ip::make_network_v6(network, error));
    } else {
      proxies.networks_.emplace_back(ip::make_network_v4(network, error));
    }
    if (error) {
      return failure(ErrorCode::invalid_argument,
                     "trusted_proxies: \"" + entry + "\" is neither an IP address nor a network");
    }
  }
  return proxies;
}

bool TrustedProxies::contains(const ip::address& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) {
    if (const auto* v4 = std::get_if<ip::network_v4>(&network)) return address.is_v4() && holds(*v4, address.to_v4());
    return address.is_v6() && holds(std::get<ip::network_v6>(network), address.to_v6());
  });
}

ip::address TrustedProxies::client_of(const ip::address& peer, std::string_view forwarded_for) const {
  ip::address client = peer;
  while (contains(client) && !forwarded_for.empty()) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
    const std::optional<ip::address> before = parse_node(trim(last));
    if (!before) break;
    client = *before;
    forwarded_for = comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
  }
  return client;
}

}  // namespace decant::http
