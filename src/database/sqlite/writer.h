#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <vector>

#include "database/sqlite/connection.h"

namespace decant::database::sqlite {

/// The process's one way to write. Callers that meet share a transaction, and so one flush to disk: the first runs what
/// all that wait ask for, each within its own savepoint, and commits. Thread-safe; blocks.
class Writer {
 public:
  /// `max_batch`: how many calls share a commit at the most.
  Writer(std::unique_ptr<Connection> connection, int max_batch);

  /// Calls `body(connection)` in a transaction, maybe on another caller's thread, and returns its Result once that is
  /// committed. An error or exception of the body undoes what it wrote, and only that.
  template <class Body>
  std::invoke_result_t<Body&, Connection&> run(Body body) {
    std::optional<std::invoke_result_t<Body&, Connection&>> result;
    Operation operation{[&](Connection& connection) -> Result<void> {
      result.emplace(body(connection));
      if (!*result) return Failure(result->error());
      return {};
    }};
    DECANT_CHECK(run_operation(operation));
    return *std::move(result);
  }

 private:
  struct Operation {
    std::function<Result<void>(Connection&)> body;
    bool is_done = false;
    std::exception_ptr exception = nullptr;
    std::optional<Error> error = std::nullopt;  ///< of the transaction around it
  };

  Result<void> run_operation(Operation& operation);
  Result<void> commit_together(const std::vector<Operation*>& batch);
  Result<void> run_in_savepoint(Operation& operation);

  const std::unique_ptr<Connection> connection_;
  const std::size_t max_batch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Operation*> waiting_;
  bool is_committing_ = false;
};

}  // namespace decant::database::sqlite
