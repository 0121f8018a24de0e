#pragma once

#include <memory>

#include "objects/object_store_opener.h"

namespace decant::objects {

/// Opens the bucket of an s3:// or gs:// URL (bucket_address.h). Fails at once, and says so clearly, when there are no
/// credentials or the store refuses them; that the store cannot be reached is only logged. Blocks.
Result<std::unique_ptr<tasks::ObjectStore>> open_bucket(const std::string& url, const ObjectStoreOptions& options,
                                                        const Clock& clock, Logger& logger);

}  // namespace decant::objects
