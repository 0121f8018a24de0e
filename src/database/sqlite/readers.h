#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "database/sqlite/connection.h"

namespace decant::database::sqlite {

/// Connections that only read: they neither wait for the writer nor hold it up. Thread-safe; blocks while all are in
/// use.
class Readers {
 public:
  explicit Readers(std::vector<std::unique_ptr<Connection>> connections) : idle_(std::move(connections)) {}

  /// Calls `body(connection)` and returns its Result.
  template <class Body>
  std::invoke_result_t<Body&, Connection&> run(Body body) {
    const Loan loan(*this);
    return body(*loan.connection);
  }

 private:
  struct Loan {
    explicit Loan(Readers& lender) : readers(lender), connection(lender.take()) {}
    ~Loan() { readers.put_back(std::move(connection)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    Readers& readers;
    std::unique_ptr<Connection> connection;
  };

  std::unique_ptr<Connection> take();
  void put_back(std::unique_ptr<Connection> connection);

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace decant::database::sqlite
