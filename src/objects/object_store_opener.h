#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "tasks/object_store.h"

namespace decant::objects {

struct ObjectStoreOptions {
  std::filesystem::path spool_folder;  ///< where fetch() of a remote store downloads to
  std::chrono::hours stale_temporary_age{
      24};  ///< half-written files older than this are removed when a store is opened
};

/// Opens the store that `url` names; `clock` and `logger` outlive it.
///   file:///absolute/folder   files in that folder, made if it is not there; the rest of the URL is the path as it is,
///   not percent-encoded
/// invalid_argument says which schemes there are. Blocks.
Result<std::unique_ptr<tasks::ObjectStore>> open_object_store(const std::string& url, const ObjectStoreOptions& options,
                                                              const Clock& clock, Logger& logger);

}  // namespace decant::objects
