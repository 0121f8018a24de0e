#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "database/sqlite/connection.h"

namespace decant::database::sqlite {

/// Tells whether anything was committed since, by whatever process
/// (https://sqlite.org/pragma.html#pragma_data_version). It is learned from the memory that all processes of a database
/// share, in some microseconds. Thread-safe.
class DataVersion {
 public:
  /// A connection that does nothing else.
  explicit DataVersion(std::unique_ptr<Connection> connection);

  /// Another number after each commit, heartbeats included. Nothing when it would have to wait.
  std::optional<std::int64_t> find();

 private:
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace decant::database::sqlite
