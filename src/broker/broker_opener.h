#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/log.h"
#include "tasks/broker.h"

namespace decant::broker {

struct BrokerOptions {
  std::filesystem::path data_folder;  ///< shared by all processes of the embedded setting; exists
};

/// Opens the broker that `url` names; `logger` outlives it.
///   database:   the row is the queue; the bell is a file in the data folder
/// invalid_argument says which schemes there are.
Result<std::unique_ptr<tasks::Broker>> open_broker(const std::string& url, const BrokerOptions& options,
                                                   Logger& logger);

}  // namespace decant::broker
