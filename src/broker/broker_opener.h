#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "broker/administration.h"
#include "tasks/broker.h"

namespace decant::broker {

struct BrokerOptions {
  std::filesystem::path data_folder;  ///< shared by all processes of the embedded setting; exists
  std::chrono::milliseconds lease = std::chrono::seconds(60);  ///< as LeaseOptions::lease
  int slots = 1;  ///< conversions at once: no more rings than these are taken and not yet answered
  std::map<std::string, std::string> environment = {};  ///< the process's, for what brokers are known to read from it
};

/// Opens the broker that `url` names; `clock` and `logger` outlive it.
///   database:          the row is the queue; the bell is a file in the data folder
///   nats:// or tls://  JetStream of one or more NATS servers (nats/address.h), tls:// with TLS
///   pubsub://          Google Cloud Pub/Sub (pubsub/address.h)
/// invalid_argument says which schemes there are.
Result<std::unique_ptr<tasks::Broker>> open_broker(const std::string& url, const BrokerOptions& options,
                                                   const Clock& clock, Logger& logger);

/// What sets that broker up. invalid_argument where there is nothing to set up.
Result<std::unique_ptr<Administration>> open_administration(const std::string& url, const BrokerOptions& options);

}  // namespace decant::broker
