#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/settings.h"
#include "broker/broker_opener.h"
#include "database/database.h"
#include "objects/object_store_opener.h"
#include "tasks/broker.h"
#include "tasks/object_store.h"

namespace decant::programs {

/// Makes the folder (0700) if it is not there and checks that files can be made in it. The message names the folder and
/// the setting.
Result<void> make_data_folder(const std::string& folder);

/// Where uploads wait and temporary files are: in the data folder.
[[nodiscard]] std::string spool_folder(const Settings& settings);

/// Whether rings go by the outbox of the database to a broker of its own (tasks/relay.h), or straight to the bell.
[[nodiscard]] bool has_outbox(const Settings& settings);

[[nodiscard]] database::DatabaseOptions database_options(const Settings& settings);

[[nodiscard]] broker::BrokerOptions broker_options(const Settings& settings);

[[nodiscard]] objects::ObjectStoreOptions object_store_options(const Settings& settings);

/// What the three URLs name.
struct Backends {
  std::unique_ptr<database::Database> database;
  std::unique_ptr<tasks::ObjectStore> objects;
  std::unique_ptr<tasks::Broker> broker;
};

/// Opens all three. The clock and the logger outlive them. Blocks.
Result<Backends> open_backends(const Settings& settings, const Clock& clock, Logger& logger);

}  // namespace decant::programs
