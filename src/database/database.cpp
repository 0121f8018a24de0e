#include "database/database.h"

#include <array>

#include "database/postgresql/database.h"
#include "database/postgresql/migrations.h"
#include "database/sqlite/database.h"
#include "database/sqlite/migrations.h"
#include "database/transfer.h"

namespace decant::database {
namespace {

struct Backend {
  std::string_view scheme;
  Result<std::unique_ptr<Database>> (*open)(const std::string& location, const DatabaseOptions&, const Clock&, Logger&);
  Result<std::vector<int>> (*migrate)(const std::string& location, const DatabaseOptions&, const Clock&, Logger&);
};

constexpr std::array backends = {
    Backend{"sqlite", sqlite::open, sqlite::migrate},
    Backend{"postgresql", postgresql::open, postgresql::migrate},
    Backend{"postgres", postgresql::open, postgresql::migrate},
};

struct Address {
  const Backend* backend = nullptr;
  std::string location;  ///< what follows "scheme://"
};

// The location may hold a password, so no message repeats it.
Result<Address> parse_url(std::string_view url) {
  constexpr std::string_view separator = "://";
  const std::size_t end = url.find(separator);
  if (end == std::string_view::npos) {
    return failure(ErrorCode::invalid_argument,
                   "The database URL has no scheme: write sqlite:///absolute/path or postgresql://host/database.");
  }
  const std::string_view scheme = url.substr(0, end);
  const std::string_view location = url.substr(end + separator.size());
  for (const Backend& backend : backends) {
    if (backend.scheme != scheme) continue;
    if (location.empty()) {
      return failure(
          ErrorCode::invalid_argument,
          "The database URL names no database: write sqlite:///absolute/path or postgresql://host/database.");
    }
    return Address{&backend, std::string(location)};
  }
  return failure(ErrorCode::invalid_argument, fmt::format("The database URL has the unknown scheme \"{}\": write "
                                                          "sqlite:///absolute/path or postgresql://host/database.",
                                                          scheme));
}

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& url, const DatabaseOptions& options,
                                                const Clock& clock, Logger& logger) {
  DECANT_TRY(const Address address, parse_url(url));
  return address.backend->open(address.location, options, clock, logger);
}

Result<std::vector<int>> migrate(const std::string& url, const DatabaseOptions& options, const Clock& clock,
                                 Logger& logger) {
  DECANT_TRY(const Address address, parse_url(url));
  return address.backend->migrate(address.location, options, clock, logger);
}

Result<Transferred> transfer(const std::string& from, const std::string& to, const DatabaseOptions& options,
                             const Clock& clock, Logger& logger) {
  DECANT_TRY(const Address source, parse_url(from));
  DECANT_TRY(const Address target, parse_url(to));
  if (source.backend->open != sqlite::open || target.backend->open != postgresql::open) {
    return failure(ErrorCode::invalid_argument,
                   "A database moves from sqlite:///absolute/path to postgresql://host/database, no other way.");
  }
  return copy_sqlite_to_postgresql(source.location, target.location, options, clock, logger);
}

}  // namespace decant::database
