#include "broker/pubsub/pubsub_administration.h"

#include <fmt/format.h>

#include <array>

namespace decant::broker::pubsub {
namespace {

using Grade = Finding::Grade;
using Delivery = SubscriptionSetup::Delivery;

bool fits(const SubscriptionSetup& there, const SubscriptionSetup& wanted) {
  return there.guarantee == wanted.guarantee && there.lease == wanted.lease &&
         there.dead_letter_topic == wanted.dead_letter_topic &&
         there.max_delivery_attempts == wanted.max_delivery_attempts && there.shortest_retry == wanted.shortest_retry &&
         there.longest_retry == wanted.longest_retry && there.expires_after == wanted.expires_after;
}

/// What a subscription must have, from what cannot be done without to what is better so.
struct Rule {
  Grade otherwise;
  bool (*holds)(const SubscriptionSetup& there, const SubscriptionSetup& wanted);
  std::string_view good;
  std::string_view bad;
};

constexpr std::array unchangeable = {
    Rule{Grade::wrong, [](const auto& there, const auto& wanted) { return there.topic == wanted.topic; },
         "the subscription belongs to the topic", "the subscription belongs to another topic"},
    Rule{Grade::wrong, [](const auto& there, const auto&) { return there.delivery == Delivery::pull; },
         "workers pull from it", "the subscription pushes its messages elsewhere"},
    Rule{Grade::wrong, [](const auto& there, const auto&) { return there.filter.empty(); }, "it delivers every message",
         "the subscription has a filter: most rings would be lost"},
    Rule{Grade::wrong, [](const auto& there, const auto&) { return there.state == SubscriptionSetup::State::active; },
         "it is active", "the subscription is detached or out of order"},
};

constexpr std::array changeable = {
    Rule{Grade::wrong, [](const auto& there, const auto& wanted) { return there.guarantee == wanted.guarantee; },
         "exactly-once delivery is on", "exactly-once delivery is off: rings come more than once"},
    Rule{Grade::doubtful, [](const auto& there, const auto& wanted) { return there.lease == wanted.lease; },
         "its acknowledgment deadline is that of the workers",
         "its acknowledgment deadline is not that of the workers"},
    Rule{Grade::doubtful,
         [](const auto& there, const auto& wanted) { return there.dead_letter_topic == wanted.dead_letter_topic; },
         "what is delivered too often goes to the dead-letter topic",
         "what is delivered again and again never goes to the dead-letter topic"},
    Rule{Grade::doubtful,
         [](const auto& there, const auto& wanted) { return there.expires_after == wanted.expires_after; },
         "it never expires", "it expires when nobody listens for a while"},
};

template <class Rules>
void apply(const Rules& rules, const SubscriptionSetup& there, const SubscriptionSetup& wanted,
           std::vector<Finding>& findings) {
  for (const Rule& rule : rules) {
    const bool holds = rule.holds(there, wanted);
    findings.push_back({holds ? Grade::good : rule.otherwise, std::string(holds ? rule.good : rule.bad)});
  }
}

Failure refuse(const Status& status, const std::string& what) { return Failure(to_error(status, what)); }

}  // namespace

SubscriptionSetup PubsubAdministration::wanted() const {
  SubscriptionSetup setup;
  setup.topic = address_.topic_name();
  setup.guarantee = Guarantee::exactly_once;
  setup.lease = options_.lease;
  setup.dead_letter_topic = address_.dead_letter_topic_name();
  setup.max_delivery_attempts = options_.max_delivery_attempts;
  setup.shortest_retry = options_.shortest_retry;
  setup.longest_retry = options_.longest_retry;
  return setup;
}

Result<std::vector<Finding>> PubsubAdministration::create() {
  std::vector<Finding> done;
  for (const std::string& topic : {address_.topic_name(), address_.dead_letter_topic_name()}) {
    DECANT_TRY(Finding finding, create_topic(topic));
    done.push_back(std::move(finding));
  }
  DECANT_TRY(Finding finding, create_subscription());
  done.push_back(std::move(finding));
  return done;
}

Result<Finding> PubsubAdministration::create_topic(const std::string& topic) {
  const Status status = service_->create_topic(topic);
  if (status.code == Code::already_exists) return Finding{Grade::good, "there already: " + topic};
  if (!status.is_ok()) return refuse(status, "make the topic " + topic);
  return Finding{Grade::good, "made: " + topic};
}

Result<Finding> PubsubAdministration::create_subscription() {
  const std::string name = address_.subscription_name();
  const Status status = service_->create_subscription(name, wanted());
  if (status.is_ok()) return Finding{Grade::good, "made: " + name};
  if (status.code != Code::already_exists) return refuse(status, "make the subscription " + name);
  DECANT_TRY(const SubscriptionSetup there, get_subscription());
  return change_subscription(there);
}

Result<Finding> PubsubAdministration::change_subscription(const SubscriptionSetup& there) {
  const std::string name = address_.subscription_name();
  std::vector<Finding> findings;
  apply(unchangeable, there, wanted(), findings);
  for (const Finding& finding : findings) {
    if (finding.grade == Grade::good) continue;
    return failure(ErrorCode::conflict,
                   fmt::format("{} cannot be used: {}; delete it, or name another one", name, finding.text));
  }
  if (fits(there, wanted())) return Finding{Grade::good, "there already: " + name};
  const Status status = service_->update_subscription(name, wanted());
  if (!status.is_ok()) return refuse(status, "change the subscription " + name);
  return Finding{Grade::good, "changed: " + name};
}

Result<std::vector<std::pair<std::string, std::string>>> PubsubAdministration::describe() {
  DECANT_TRY(const SubscriptionSetup there, get_subscription());
  return std::vector<std::pair<std::string, std::string>>{
      {"endpoint", address_.endpoint},
      {"topic", there.topic},
      {"subscription", address_.subscription_name()},
      {"exactly-once delivery", there.guarantee == Guarantee::exactly_once ? "on" : "off"},
      {"acknowledgment deadline", fmt::format("{} s", there.lease.count())},
      {"dead-letter topic", there.dead_letter_topic.empty() ? "none" : there.dead_letter_topic},
      {"deliveries before that", fmt::format("{}", there.max_delivery_attempts)},
      {"pause before a retry", fmt::format("{} s to {} s", there.shortest_retry.count(), there.longest_retry.count())},
      {"expires", there.expires_after.count() == 0 ? "never" : fmt::format("after {} s", there.expires_after.count())},
      {"filter", there.filter.empty() ? "none" : there.filter},
  };
}

Result<std::vector<Finding>> PubsubAdministration::check() {
  std::vector<Finding> findings;
  for (const std::string& topic : {address_.topic_name(), address_.dead_letter_topic_name()}) {
    DECANT_TRY(const bool is_there, has_topic(topic));
    findings.push_back({is_there ? Grade::good : Grade::wrong, (is_there ? "there: " : "missing: ") + topic});
  }
  const auto there = get_subscription();
  if (!there && there.error().code != ErrorCode::not_found) return Failure(there.error());
  findings.push_back(
      {there ? Grade::good : Grade::wrong, (there ? "there: " : "missing: ") + address_.subscription_name()});
  if (!there) return findings;
  apply(unchangeable, *there, wanted(), findings);
  apply(changeable, *there, wanted(), findings);
  return findings;
}

Result<bool> PubsubAdministration::has_topic(const std::string& topic) {
  const Status status = service_->find_topic(topic);
  if (status.is_ok()) return true;
  if (status.code == Code::not_found) return false;
  return refuse(status, "look for the topic " + topic);
}

Result<SubscriptionSetup> PubsubAdministration::get_subscription() {
  auto [status, setup] = service_->find_subscription(address_.subscription_name());
  if (!status.is_ok()) return refuse(status, "find the subscription " + address_.subscription_name());
  return setup;
}

}  // namespace decant::broker::pubsub
