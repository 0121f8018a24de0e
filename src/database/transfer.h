#pragma once

#include <span>
#include <string>
#include <string_view>

#include "database/database.h"

namespace decant::database {

/// transfer() for what follows the schemes of the two URLs.
Result<Transferred> copy_sqlite_to_postgresql(const std::string& from, const std::string& to,
                                              const DatabaseOptions& options, const Clock& clock, Logger& logger);

/// A column that is copied.
struct CopiedColumn {
  enum class Kind {
    number,  ///< an integer or boolean
    real,
    text,
    bytes,  ///< text in SQLite, bytea in PostgreSQL
  };
  std::string_view name;  ///< in PostgreSQL
  Kind kind;
  std::string_view source = {};  ///< the expression of SQLite; empty: the column of the same name
};

struct CopiedTable {
  std::string_view name;
  std::string_view key;  ///< the integer that orders it and that PostgreSQL goes on counting; empty: none
  std::span<const CopiedColumn> columns;
};

/// In the order in which they refer to each other. Left out are schema_version and what each database makes by itself.
[[nodiscard]] std::span<const CopiedTable> copied_tables();

}  // namespace decant::database
