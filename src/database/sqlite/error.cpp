#include "database/sqlite/error.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>

namespace decant::database::sqlite {
namespace {

struct Meaning {
  int code;  ///< an extended code is listed before its primary one
  ErrorCode error;
  std::string_view message;
};

constexpr std::string_view busy = "The database is busy: try again.";
constexpr std::string_view away = "The database cannot be reached: try again.";
constexpr std::string_view full = "The server's disk is full.";
constexpr std::string_view damaged = "The database is damaged.";
constexpr std::string_view exists = "It exists already.";

constexpr std::array meanings = {
    Meaning{SQLITE_CONSTRAINT_PRIMARYKEY, ErrorCode::conflict, exists},
    Meaning{SQLITE_CONSTRAINT_UNIQUE, ErrorCode::conflict, exists},
    Meaning{SQLITE_BUSY, ErrorCode::unavailable, busy},
    Meaning{SQLITE_LOCKED, ErrorCode::unavailable, busy},
    Meaning{SQLITE_PROTOCOL, ErrorCode::unavailable, busy},
    Meaning{SQLITE_FULL, ErrorCode::quota_exceeded, full},
    Meaning{SQLITE_CANTOPEN, ErrorCode::unavailable, away},
    Meaning{SQLITE_IOERR, ErrorCode::unavailable, away},
    Meaning{SQLITE_NOMEM, ErrorCode::unavailable, away},
    Meaning{SQLITE_CORRUPT, ErrorCode::internal, damaged},
    Meaning{SQLITE_NOTADB, ErrorCode::internal, damaged},
};

constexpr Meaning unknown = {SQLITE_ERROR, ErrorCode::internal, "The database failed."};

bool is_out_of_room(int error_number) {
  return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

Meaning find_meaning(int code, int error_number) {
  constexpr int primary_mask = 0xff;
  if ((code & primary_mask) == SQLITE_IOERR && is_out_of_room(error_number)) code = SQLITE_FULL;
  for (const Meaning& meaning : meanings) {
    if (meaning.code == code || meaning.code == (code & primary_mask)) return meaning;
  }
  return unknown;
}

// Of the log: sqlite3_system_errno() knows nothing of a COMMIT. SQLite itself calls only ENOSPC full.
int last_log_error(sqlite3* connection) {
  sqlite3_file* log = nullptr;
  int error_number = 0;
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
  if (log != nullptr && log->pMethods != nullptr) {
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error_number);
  }
  return error_number;
}

}  // namespace

Failure sqlite_failure(sqlite3* connection, int code, std::string_view action) {
  if (connection == nullptr) return failure(unknown.error, std::string(unknown.message), sqlite3_errstr(code));
  const char* text = sqlite3_errmsg(connection);
  const char* file = sqlite3_db_filename(connection, "main");
  const int error_number = last_log_error(connection);
  const Meaning meaning = find_meaning(code, error_number);
  return failure(meaning.error, std::string(meaning.message),
                 fmt::format("{}: {} ({}, errno {}) in {}", action, text, code, error_number, file));
}

}  // namespace decant::database::sqlite
