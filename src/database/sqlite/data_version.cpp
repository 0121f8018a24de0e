#include "database/sqlite/data_version.h"

namespace decant::database::sqlite {

DataVersion::DataVersion(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {
  connection_->wait_for_no_lock();
}

std::optional<std::int64_t> DataVersion::find() {
  const std::lock_guard lock(mutex_);
  auto statement = connection_->prepare("PRAGMA data_version");
  if (!statement) return std::nullopt;
  const auto found = statement->step();
  if (!found || !*found) return std::nullopt;
  return statement->integer(0);
}

}  // namespace decant::database::sqlite
