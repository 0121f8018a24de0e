#pragma once

#include "database/database.h"
#include "database/postgresql/connection.h"

namespace decant::database::postgresql {

/// open_database() for what follows postgresql://. One connection is made at once, so that what is wrong with the
/// address is told here.
Result<std::unique_ptr<Database>> open(const std::string& location, const DatabaseOptions& options, const Clock& clock,
                                       Logger& logger);

[[nodiscard]] ConnectionOptions connection_options(const std::string& location, const DatabaseOptions& options);

}  // namespace decant::database::postgresql
