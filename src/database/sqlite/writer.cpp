#include "database/sqlite/writer.h"

#include <algorithm>

namespace decant::database::sqlite {

Writer::Writer(std::unique_ptr<Connection> connection, int max_batch)
    : connection_(std::move(connection)), max_batch_(static_cast<std::size_t>(std::max(max_batch, 1))) {}

Result<void> Writer::run_operation(Operation& operation) {
  std::unique_lock lock(mutex_);
  waiting_.push_back(&operation);
  while (!operation.is_done) {
    if (is_committing_) {
      changed_.wait(lock);
      continue;
    }
    is_committing_ = true;
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), max_batch_));
    const std::vector<Operation*> batch(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    const auto committed = commit_together(batch);
    lock.lock();
    for (Operation* const done : batch) {
      done->is_done = true;
      if (!committed) done->error = committed.error();
    }
    is_committing_ = false;
    changed_.notify_all();
  }
  lock.unlock();
  if (operation.exception) std::rethrow_exception(operation.exception);
  if (operation.error) return Failure(*std::move(operation.error));
  return {};
}

Result<void> Writer::commit_together(const std::vector<Operation*>& batch) {
  DECANT_TRY(Transaction transaction, Transaction::begin_write(*connection_));
  for (Operation* const operation : batch) DECANT_CHECK(run_in_savepoint(*operation));
  return transaction.commit();
}

Result<void> Writer::run_in_savepoint(Operation& operation) {
  DECANT_CHECK(connection_->change("SAVEPOINT operation"));
  bool keep = false;
  try {
    const auto done = operation.body(*connection_);
    // After some errors (full disk, out of memory) SQLite has undone the others' part of the batch, too.
    if (!done && !connection_->is_in_transaction()) return done;
    keep = done.has_value();
  } catch (...) {
    // Its owner gets it; this may be another's thread.
    operation.exception = std::current_exception();
  }
  if (!keep) DECANT_CHECK(connection_->change("ROLLBACK TO operation"));
  DECANT_CHECK(connection_->change("RELEASE operation"));
  return {};
}

}  // namespace decant::database::sqlite
