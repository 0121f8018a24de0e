#pragma once

#include <sqlite3.h>

#include <string_view>

#include "base/result.h"

namespace decant::database::sqlite {

/// What SQLite's result code (https://sqlite.org/rescode.html) means to a caller; its own words, the statement and the
/// file go into the detail. Call it before anything else is done with the connection.
[[nodiscard]] Failure sqlite_failure(sqlite3* connection, int code, std::string_view action);

}  // namespace decant::database::sqlite
