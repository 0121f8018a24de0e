#include "broker/broker_opener.h"

#include <array>
#include <string_view>

#include "broker/database/bell_file.h"
#include "broker/nats/nats_broker.h"

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

Result<std::unique_ptr<tasks::Broker>> refuse(std::string_view, const BrokerOptions&, const Clock&, Logger&) {
  return failure(ErrorCode::invalid_argument, "this build of decant has the brokers database: and nats://");
}

struct Scheme {
  std::string_view prefix;
  Result<std::unique_ptr<tasks::Broker>> (*open)(std::string_view rest, const BrokerOptions&, const Clock&, Logger&);
};

constexpr std::array schemes = {
    Scheme{"database:", open_bell_file},
    Scheme{"nats://", open_nats<nats::Address::Transport::clear_text>},
    Scheme{"tls://", open_nats<nats::Address::Transport::tls>},
    Scheme{"pubsub://", refuse},
};

}  // namespace

Result<std::unique_ptr<tasks::Broker>> open_broker(const std::string& url, const BrokerOptions& options,
                                                   const Clock& clock, Logger& logger) {
  for (const Scheme& scheme : schemes) {
    if (url.starts_with(scheme.prefix))
      return scheme.open(std::string_view(url).substr(scheme.prefix.size()), options, clock, logger);
  }
  return failure(ErrorCode::invalid_argument, "a broker is named by a URL like database: or nats://host/stream", url);
}

}  // namespace decant::broker
