#include "database/postgresql/error.h"

#include <fmt/format.h>

#include <array>

namespace decant::database::postgresql {
namespace {

struct Meaning {
  std::string_view state;  ///< a SQLSTATE, or the class that it begins with; the longer ones are listed first
  ErrorCode error;
  std::string_view message;
};

constexpr std::string_view busy = "The database is busy: try again.";
constexpr std::string_view away = "The database cannot be reached: try again.";
constexpr std::string_view damaged = "The database is damaged.";

constexpr std::array meanings = {
    Meaning{"23505", ErrorCode::conflict, "It exists already."},
    Meaning{"22021", ErrorCode::invalid_argument, "This text is no UTF-8."},
    Meaning{"25006", ErrorCode::unavailable, away},  // read only: a standby after a failover
    Meaning{"25P03", ErrorCode::unavailable, busy},  // idle_in_transaction_session_timeout
    Meaning{"42P01", ErrorCode::conflict, "The database has not the schema of this program: run `decant migrate`."},
    Meaning{"53100", ErrorCode::quota_exceeded, "The server's disk is full."},
    Meaning{"55P03", ErrorCode::unavailable, busy},  // lock_timeout
    Meaning{"57014", ErrorCode::unavailable, busy},  // statement_timeout
    Meaning{"08", ErrorCode::unavailable, away},
    Meaning{"40", ErrorCode::unavailable, busy},   // deadlock, serialization
    Meaning{"53", ErrorCode::unavailable, busy},   // connections, memory
    Meaning{"57P", ErrorCode::unavailable, away},  // shut down, starting up
    Meaning{"58", ErrorCode::unavailable, away},   // input and output of the server
    Meaning{"XX001", ErrorCode::internal, damaged},
    Meaning{"XX002", ErrorCode::internal, damaged},
};

Meaning find_meaning(std::string_view state) {
  for (const Meaning& meaning : meanings) {
    if (state.starts_with(meaning.state)) return meaning;
  }
  return {state, ErrorCode::internal, "The database failed."};
}

std::string without_password(const PGconn* connection, std::string text) {
  const char* password = PQpass(connection);
  const std::string_view secret = password == nullptr ? "" : password;
  if (secret.empty()) return text;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) text.replace(at, secret.size(), "***");
  return text;
}

std::string_view field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

}  // namespace

Failure statement_failure(const PGconn* connection, const PGresult* result, std::string_view statement) {
  const std::string_view state = field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) return connection_failure(connection);
  const Meaning meaning = find_meaning(state);
  return failure(meaning.error, std::string(meaning.message),
                 fmt::format("{} ({}): {}", field(result, PG_DIAG_MESSAGE_PRIMARY), state, statement));
}

Failure connection_failure(const PGconn* connection) {
  std::string text = without_password(connection, PQerrorMessage(connection));
  while (text.ends_with('\n')) text.pop_back();
  return failure(ErrorCode::unavailable, std::string(away), std::move(text));
}

}  // namespace decant::database::postgresql
