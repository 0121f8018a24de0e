#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "tasks/object_store.h"

namespace decant::objects {

struct ObjectStoreOptions {
  std::filesystem::path spool_folder;              ///< where fetch() of a remote store downloads to
  std::map<std::string, std::string> environment;  ///< variables of the process: credentials, region, emulator

  // Of remote stores:
  int connections = 64;  ///< requests at once; more wait
  int tries = 5;         ///< of a request that failed for a reason that passes
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds stall_timeout = std::chrono::seconds(30);   ///< with nothing moving
  std::chrono::milliseconds request_timeout = std::chrono::minutes(2);  ///< of one try
  ByteCount part_size = 16 << 20;                                       ///< larger files go up in parts of it
  ByteCount read_window = 1 << 20;                                      ///< what a reader holds in memory
};

/// Opens the store that `url` names; `clock` and `logger` outlive it.
///   file:///absolute/folder   files in that folder, made if it is not there; the rest of the URL is the path as it is,
///                             not percent-encoded
///   s3://bucket/prefix?…      Amazon S3 and what speaks its protocol: s3/bucket_address.h
///   gs://bucket/prefix        Google Cloud Storage
/// invalid_argument says which schemes there are. Blocks.
Result<std::unique_ptr<tasks::ObjectStore>> open_object_store(const std::string& url, const ObjectStoreOptions& options,
                                                              const Clock& clock, Logger& logger);

}  // namespace decant::objects
