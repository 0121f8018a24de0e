#include "broker/pubsub/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace decant::broker::pubsub {
namespace {

constexpr std::string_view global_endpoint = "pubsub.googleapis.com";
constexpr std::string_view tls_port = ":443";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

Failure refuse(std::string_view why) {
  return failure(ErrorCode::invalid_argument, fmt::format("the broker pubsub://project/topic?subscription=…: {}", why));
}

Result<void> check_resource(std::string_view what, std::string_view name) {
  const bool fits = name.size() >= 3 && name.size() <= 255 && is_letter(name.front()) && !name.starts_with("goog") &&
                    std::ranges::all_of(name, [](char c) {
                      return is_letter(c) || is_digit(c) || std::string_view("-_.~+").contains(c);
                    });
  if (fits) return {};
  return refuse(fmt::format("the {} has 3 to 255 letters, digits and -_.~+, and begins with a letter", what));
}

/// A domain's projects are written "example.com:name".
Result<void> check_project(std::string_view name) {
  const bool fits =
      !name.empty() && name.size() <= 128 && is_letter(name.front()) && std::ranges::all_of(name, [](char c) {
        return is_letter(c) || is_digit(c) || std::string_view("-.:").contains(c);
      });
  if (fits) return {};
  return refuse("that is no name of a project");
}

Result<void> check_endpoint(std::string_view endpoint) {
  const bool fits = !endpoint.empty() && std::ranges::all_of(endpoint, [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-.:[]").contains(c);
  });
  if (fits) return {};
  return refuse("an endpoint is host or host:port, like europe-west1-pubsub.googleapis.com");
}

bool has_port(std::string_view endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  return colon != std::string_view::npos && colon + 1 < endpoint.size() &&
         std::ranges::all_of(endpoint.substr(colon + 1), is_digit);
}

std::string find_variable(const std::map<std::string, std::string>& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

Result<void> read_parameters(const boost::urls::url_view& url, Address& address) {
  struct Parameter {
    std::string_view name;
    std::string Address::* field;
  };
  constexpr std::array parameters = {
      Parameter{"subscription", &Address::subscription},
      Parameter{"dead_letter_topic", &Address::dead_letter_topic},
      Parameter{"endpoint", &Address::endpoint},
  };
  for (const auto& given : url.params()) {
    const auto known = std::ranges::find(parameters, std::string_view(given.key), &Parameter::name);
    if (known == parameters.end())
      return refuse(
          fmt::format("it takes subscription, dead_letter_topic and endpoint, not {}", given.key.substr(0, 32)));
    address.*(known->field) = given.value;
  }
  return {};
}

}  // namespace

Result<Address> parse_address(std::string_view rest, const std::map<std::string, std::string>& environment) {
  const std::string text = "pubsub://" + std::string(rest);
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->has_userinfo() || url->has_fragment()) return refuse("that is not written as a URL is");

  Address address;
  // A project with a colon looks like a host with a port.
  address.project = std::string(url->encoded_host_and_port());
  if (address.project.empty()) address.project = find_variable(environment, "GOOGLE_CLOUD_PROJECT");
  if (address.project.empty())
    return failure(ErrorCode::invalid_argument,
                   "the broker pubsub:// names no project: write pubsub://project/topic or set GOOGLE_CLOUD_PROJECT");
  DECANT_CHECK(check_project(address.project));

  address.topic = url->path();
  address.topic.erase(0, address.topic.find_first_not_of('/'));
  if (address.topic.empty()) address.topic = "tasks";
  DECANT_CHECK(read_parameters(*url, address));
  if (address.subscription.empty()) address.subscription = address.topic + "-sub";
  if (address.dead_letter_topic.empty()) address.dead_letter_topic = address.topic + "-dead";
  DECANT_CHECK(check_resource("topic", address.topic));
  DECANT_CHECK(check_resource("subscription", address.subscription));
  DECANT_CHECK(check_resource("dead-letter topic", address.dead_letter_topic));

  if (const std::string emulator = find_variable(environment, "PUBSUB_EMULATOR_HOST"); !emulator.empty()) {
    address.endpoint = emulator;
    address.transport = Address::Transport::clear_text;
  }
  if (address.endpoint.empty()) address.endpoint = global_endpoint;
  DECANT_CHECK(check_endpoint(address.endpoint));
  if (!has_port(address.endpoint)) address.endpoint += tls_port;
  return address;
}

}  // namespace decant::broker::pubsub
