#pragma once

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace decant::database::postgresql {

/// What a failed statement means to a caller, by its SQLSTATE (PostgreSQL's Appendix A). The server's sentence, the
/// state and the statement go into the detail; not its DETAIL line, which quotes the row. `result` may be null: then
/// the connection is broken.
[[nodiscard]] Failure statement_failure(const PGconn* connection, const PGresult* result, std::string_view statement);

/// unavailable, with libpq's words in the detail, the password cut out.
[[nodiscard]] Failure connection_failure(const PGconn* connection);

}  // namespace decant::database::postgresql
