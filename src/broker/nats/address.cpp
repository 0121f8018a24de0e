#include "broker/nats/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <optional>
#include <variant>

#include "base/units.h"

namespace decant::broker::nats {
namespace {

constexpr std::string_view default_port = ":4222";
constexpr std::size_t most_servers = 64;

Failure refuse(std::string_view why) {
  return failure(ErrorCode::invalid_argument, fmt::format("the broker nats://host,host/stream?…: {}", why));
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// Names go into subjects, where dots, blanks and wildcards have a meaning.
Result<void> check_name(std::string_view what, std::string_view name) {
  const bool fits = !name.empty() && name.size() <= 64 &&
                    std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
  if (fits) return {};
  return refuse(fmt::format("the name of the {} has 1 to 64 letters, digits, - and _", what));
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

/// Each server is looked at as a URL of its own, because no URL names several.
Result<void> read_server(std::string_view server, Address& address) {
  const std::string text = fmt::format("nats://{}", server);
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->encoded_host().empty() || url->has_query() || url->has_userinfo())
    return refuse("a server is host or host:port");
  const bool has_port = url->has_port() && !url->port().empty();
  const std::int64_t port = has_port ? parse_count(std::string_view(url->port())).value_or(0) : 1;
  if (port < 1 || port > 65535) return refuse("a port is a number from 1 to 65535");
  address.servers.push_back(std::string(url->encoded_host()) +
                            (has_port ? ":" + std::string(url->port()) : std::string(default_port)));
  return {};
}

Result<void> read_servers(std::string_view list, Address& address) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    DECANT_CHECK(read_server(list.substr(0, comma), address));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  if (address.servers.empty()) return refuse("it names no server");
  if (address.servers.size() > most_servers) return refuse(fmt::format("it names more than {} servers", most_servers));
  return {};
}

using Field = std::variant<std::string Address::*, int Address::*, std::chrono::milliseconds Address::*>;

struct Parameter {
  std::string_view name;
  Field field;
  std::int64_t low = 0;  ///< of numbers: counts, milliseconds
  std::int64_t high = 0;
};

constexpr std::int64_t day = std::chrono::milliseconds(std::chrono::days(1)).count();

constexpr std::array parameters = {
    Parameter{"credentials", &Address::credentials},
    Parameter{"ca", &Address::ca},
    Parameter{"certificate", &Address::certificate},
    Parameter{"key", &Address::key},
    Parameter{"consumer", &Address::consumer},
    Parameter{"replicas", &Address::replicas, 1, 5},
    Parameter{"max_deliver", &Address::max_deliver, 1, 1'000'000},
    Parameter{"max_age", &Address::max_age, 60'000, 365 * day},
    Parameter{"duplicate_window", &Address::duplicate_window, 100, day},
};

Result<void> read_parameter(const Parameter& parameter, const std::string& value, Address& address) {
  if (const auto* const text = std::get_if<std::string Address::*>(&parameter.field)) {
    if (value.empty()) return refuse(fmt::format("{} is empty", parameter.name));
    address.** text = value;
    return {};
  }
  const auto* const count = std::get_if<int Address::*>(&parameter.field);
  const auto duration = parse_duration(value);
  const auto number = count != nullptr ? parse_count(value)
                      : duration       ? std::optional(duration->count())
                                       : std::nullopt;
  if (!number || *number < parameter.low || *number > parameter.high) {
    return refuse(count != nullptr
                      ? fmt::format("{} is a number from {} to {}", parameter.name, parameter.low, parameter.high)
                      : fmt::format("{} is a duration like 30s, {} to {}", parameter.name,
                                    format_duration(std::chrono::milliseconds(parameter.low)),
                                    format_duration(std::chrono::milliseconds(parameter.high))));
  }
  if (count != nullptr) {
    address.** count = static_cast<int>(*number);
  } else {
    address.*std::get<std::chrono::milliseconds Address::*>(parameter.field) = *duration;
  }
  return {};
}

std::string known_parameters() {
  std::string names;
  for (const Parameter& parameter : parameters) names += fmt::format("{}{}", names.empty() ? "" : ", ", parameter.name);
  return names;
}

Result<void> read_parameters(const boost::urls::url_view& url, Address& address) {
  for (const auto& given : url.params()) {
    const auto* const known = std::ranges::find(parameters, std::string_view(given.key), &Parameter::name);
    if (known == parameters.end())
      return refuse(fmt::format("it takes {}, not {}", known_parameters(), given.key.substr(0, 32)));
    DECANT_CHECK(read_parameter(*known, given.value, address));
  }
  return {};
}

}  // namespace

std::string Address::text() const {
  std::string list;
  for (const std::string& server : servers) list += (list.empty() ? "" : ", ") + server;
  return list;
}

Result<Address> parse_address(std::string_view rest, Address::Transport transport) {
  Address address;
  address.transport = transport;
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, path);

  // The last @: a password may hold one that its writer forgot to escape.
  const std::size_t at = authority.rfind('@');
  DECANT_CHECK(read_servers(at == std::string_view::npos ? authority : authority.substr(at + 1), address));

  // The rest as one URL with a single host.
  const std::string userinfo(at == std::string_view::npos ? "" : authority.substr(0, at + 1));
  const std::string text = fmt::format("nats://{}host{}", userinfo, rest.substr(path));
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || parsed->has_fragment()) return refuse("that is not written as a URL is");
  address.user = parsed->user();
  address.password = parsed->password();
  std::string stream = parsed->path();
  stream.erase(0, stream.find_first_not_of('/'));
  if (!stream.empty()) address.stream = stream;
  address.replicas = address.servers.size() >= 3 ? 3 : 1;
  DECANT_CHECK(read_parameters(*parsed, address));
  DECANT_CHECK(check_name("stream", address.stream));
  DECANT_CHECK(check_name("consumer", address.consumer));
  if (address.certificate.empty() != address.key.empty()) return refuse("certificate and key belong together");
  const bool has_files = !address.ca.empty() || !address.certificate.empty();
  if (has_files && address.transport != Address::Transport::tls)
    return refuse("ca, certificate and key are for tls://");
  if (!address.user.empty() && !address.credentials.empty())
    return refuse("it is a user or a credentials file, not both");
  return address;
}

}  // namespace decant::broker::nats
