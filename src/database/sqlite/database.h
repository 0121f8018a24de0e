#pragma once

#include "database/database.h"

namespace decant::database::sqlite {

/// open_database() for the file `path`.
Result<std::unique_ptr<Database>> open(const std::string& path, const DatabaseOptions& options, const Clock& clock,
                                       Logger& logger);

}  // namespace decant::database::sqlite
