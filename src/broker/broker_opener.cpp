#include "broker/broker_opener.h"

#include <array>
#include <string_view>

#include "broker/database/bell_file.h"
#include "broker/nats/nats_broker.h"
#include "broker/pubsub/pubsub_administration.h"
#include "broker/pubsub/pubsub_broker.h"

namespace decant::broker {
namespace {

Result<std::unique_ptr<tasks::Broker>> open_bell_file(std::string_view rest, const BrokerOptions& options, const Clock&,
                                                      Logger& logger) {
  if (!rest.empty()) return failure(ErrorCode::invalid_argument, "the broker database: takes nothing behind its colon");
  return BellFile::open(options.data_folder / "bell", logger);
}

template <nats::Address::Transport transport>
Result<std::unique_ptr<tasks::Broker>> open_nats(std::string_view rest, const BrokerOptions& options, const Clock&,
                                                 Logger& logger) {
  DECANT_TRY(nats::Address address, nats::parse_address(rest, transport));
  return nats::NatsBroker::open(std::move(address), options.lease, logger);
}

Result<std::unique_ptr<tasks::Broker>> open_pubsub(std::string_view rest, const BrokerOptions& options,
                                                   const Clock& clock, Logger& logger) {
  DECANT_TRY(const pubsub::Address address, pubsub::parse_address(rest, options.environment));
  pubsub::PubsubOptions pubsub_options;
  pubsub_options.subscriber.leases.capacity = static_cast<std::size_t>(options.slots);
  return pubsub::PubsubBroker::open(address, pubsub_options, clock, logger);
}

Result<std::unique_ptr<Administration>> administer_pubsub(std::string_view rest, const BrokerOptions& options) {
  DECANT_TRY(pubsub::Address address, pubsub::parse_address(rest, options.environment));
  DECANT_TRY(pubsub::Connection connection, pubsub::connect(address, {}));
  return std::make_unique<pubsub::PubsubAdministration>(std::move(address), pubsub::AdministrationOptions{},
                                                        std::move(connection.setup));
}

Result<std::unique_ptr<Administration>> administer_nothing(std::string_view, const BrokerOptions&) {
  return failure(ErrorCode::invalid_argument,
                 "decant sets this broker up by itself when it starts; there is nothing to do");
}

struct Scheme {
  std::string_view prefix;
  Result<std::unique_ptr<tasks::Broker>> (*open)(std::string_view rest, const BrokerOptions&, const Clock&, Logger&);
  Result<std::unique_ptr<Administration>> (*administer)(std::string_view rest, const BrokerOptions&);

  [[nodiscard]] std::string_view rest_of(std::string_view url) const { return url.substr(prefix.size()); }
};

constexpr std::array schemes = {
    Scheme{"database:", open_bell_file, administer_nothing},
    Scheme{"nats://", open_nats<nats::Address::Transport::clear_text>, administer_nothing},
    Scheme{"tls://", open_nats<nats::Address::Transport::tls>, administer_nothing},
    Scheme{"pubsub://", open_pubsub, administer_pubsub},
};

Result<Scheme> get_scheme(std::string_view url) {
  for (const Scheme& scheme : schemes) {
    if (url.starts_with(scheme.prefix)) return scheme;
  }
  return failure(ErrorCode::invalid_argument,
                 "a broker is named by a URL: database:, nats://host/stream or pubsub://project/topic",
                 std::string(url));
}

}  // namespace

Result<std::unique_ptr<tasks::Broker>> open_broker(const std::string& url, const BrokerOptions& options,
                                                   const Clock& clock, Logger& logger) {
  DECANT_TRY(const Scheme scheme, get_scheme(url));
  return scheme.open(scheme.rest_of(url), options, clock, logger);
}

Result<std::unique_ptr<Administration>> open_administration(const std::string& url, const BrokerOptions& options) {
  DECANT_TRY(const Scheme scheme, get_scheme(url));
  return scheme.administer(scheme.rest_of(url), options);
}

}  // namespace decant::broker
