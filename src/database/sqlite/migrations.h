#pragma once

#include "database/database.h"
#include "database/sqlite/connection.h"

namespace decant::database::sqlite {

/// database::migrate() for the file `path`.
Result<std::vector<int>> migrate(const std::string& path, const DatabaseOptions& options, const Clock& clock,
                                 Logger& logger);

/// conflict, naming the remedy, unless the schema is the one that this program was written for.
Result<void> check_schema(Connection& connection);

}  // namespace decant::database::sqlite
