#include "database/sqlite/statement.h"

#include "database/sqlite/error.h"

namespace decant::database::sqlite {

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<bool> Statement::step() {
  const int code = bind_code_ == SQLITE_OK ? sqlite3_step(statement_) : bind_code_;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_failure(sqlite3_db_handle(statement_), code, sqlite3_sql(statement_));
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::text(int column) const {
  // The blob call leaves the bytes as they are and gives their number, also when there is a NUL among them.
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes == nullptr ? std::string()
                          : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

void Statement::bind_next(std::nullopt_t) { keep(sqlite3_bind_null(statement_, next_)); }

void Statement::bind_next(std::string_view text) {
  // A null pointer would bind NULL.
  const char* bytes = text.data() != nullptr ? text.data() : "";
  keep(sqlite3_bind_text64(statement_, next_, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_next(double number) { keep(sqlite3_bind_double(statement_, next_, number)); }

void Statement::bind_next(std::int64_t number) { keep(sqlite3_bind_int64(statement_, next_, number)); }

void Statement::keep(int code) {
  ++next_;
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

}  // namespace decant::database::sqlite
