#pragma once

#include "database/database.h"
#include "database/postgresql/connection.h"

namespace decant::database::postgresql {

/// database::migrate() for what follows postgresql://. Ten processes may do it at once: an advisory lock lets one.
Result<std::vector<int>> migrate(const std::string& location, const DatabaseOptions& options, const Clock& clock,
                                 Logger& logger);

/// conflict, naming the remedy, unless the schema is the one that this program was written for.
Result<void> check_schema(Connection& connection);

}  // namespace decant::database::postgresql
