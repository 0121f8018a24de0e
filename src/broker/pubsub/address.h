#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace decant::broker::pubsub {

/// What a pubsub:// URL names.
struct Address {
  enum class Transport {
    tls,         ///< with application-default credentials
    clear_text,  ///< an emulator: no credentials
  };

  std::string project;
  std::string topic;
  std::string subscription;
  std::string dead_letter_topic;
  std::string endpoint;  ///< host:port
  Transport transport = Transport::tls;

  // Full names, as the service knows them.
  [[nodiscard]] std::string topic_name() const { return "projects/" + project + "/topics/" + topic; }
  [[nodiscard]] std::string subscription_name() const {
    return "projects/" + project + "/subscriptions/" + subscription;
  }
  [[nodiscard]] std::string dead_letter_topic_name() const {
    return "projects/" + project + "/topics/" + dead_letter_topic;
  }
};

/// Reads `[project][/topic][?subscription=…&dead_letter_topic=…&endpoint=host[:port]]`, the rest of a pubsub:// URL.
/// Without a project, GOOGLE_CLOUD_PROJECT of `environment` counts; without a topic `tasks`, without a subscription the
/// topic's name and "-sub", without a dead-letter topic the topic's name and "-dead". The endpoint is the global one
/// unless a regional one is named; PUBSUB_EMULATOR_HOST (host:port) beats both. invalid_argument says what is wrong.
/// Names: https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
Result<Address> parse_address(std::string_view rest, const std::map<std::string, std::string>& environment);

}  // namespace decant::broker::pubsub
