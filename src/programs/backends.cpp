#include "programs/backends.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "programs/options.h"

namespace decant::programs {
namespace {

Failure folder_failure(const std::string& folder, std::string_view why) {
  return failure(
      ErrorCode::unavailable,
      fmt::format("cannot use the data folder {}: {}; choose another with --data or DECANT_DATA", folder, why));
}

}  // namespace

Result<void> make_data_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
  if (error) return folder_failure(folder, error.message());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return folder_failure(folder, std::generic_category().message(errno));
  }
  // Permission bits do not tell of a read-only or full file system, so try it.
  if (const auto probe = SpoolFile::make(folder); !probe) return folder_failure(folder, probe.error().detail);
  return {};
}

std::string spool_folder(const Settings& settings) { return settings.data + "/spool"; }

bool has_outbox(const Settings& settings) { return !settings.broker.starts_with("database:"); }

database::DatabaseOptions database_options(const Settings& settings) {
  database::DatabaseOptions options;
  options.busy_timeout = settings.database_busy_timeout;
  options.read_connections = settings.database_readers;
  options.max_size = settings.database_limit;
  options.max_batch = settings.database_batch;
  options.connections = settings.database_connections;
  options.connect_timeout = settings.database_connect_timeout;
  options.statement_timeout = settings.database_statement_timeout;
  options.idle_transaction_timeout = settings.database_idle_transaction_timeout;
  options.ring_by_outbox = has_outbox(settings);
  return options;
}

broker::BrokerOptions broker_options(const Settings& settings) {
  return {.data_folder = settings.data,
          .lease = settings.lease,
          .slots = worker_slots(settings),
          .environment = process_environment()};
}

objects::ObjectStoreOptions object_store_options(const Settings& settings) {
  return {.spool_folder = spool_folder(settings),
          .environment = process_environment(),
          .connections = settings.object_connections,
          .tries = settings.object_tries,
          .connect_timeout = settings.object_connect_timeout,
          .stall_timeout = settings.object_stall_timeout,
          .request_timeout = settings.object_request_timeout,
          .part_size = settings.object_part_size,
          .read_window = settings.object_read_window};
}

Result<Backends> open_backends(const Settings& settings, const Clock& clock, Logger& logger) {
  Backends backends;
  if (::mkdir(spool_folder(settings).c_str(), 0700) != 0 && errno != EEXIST) {
    return system_failure(errno, "make the folder for uploads", spool_folder(settings));
  }
  DECANT_TRY(backends.database, database::open_database(settings.database, database_options(settings), clock, logger));
  DECANT_TRY(backends.objects,
             objects::open_object_store(settings.objects, object_store_options(settings), clock, logger));
  if (settings.broker == "database:") {
    DECANT_TRY(backends.broker, backends.database->open_bell());
    if (backends.broker) return backends;
  }
  DECANT_TRY(backends.broker, broker::open_broker(settings.broker, broker_options(settings), clock, logger));
  return backends;
}

}  // namespace decant::programs
