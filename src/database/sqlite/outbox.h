#pragma once

#include "database/sqlite/readers.h"
#include "database/sqlite/writer.h"
#include "tasks/outbox.h"

namespace decant::database::sqlite {

enum class Rings { written, not_written };

class Outbox final : public tasks::Outbox {
 public:
  Outbox(Readers& readers, Writer& writer, Rings rings) : readers_(readers), writer_(writer), rings_(rings) {}

  Result<std::vector<tasks::Ring>> take(int limit, std::chrono::milliseconds hold) override;
  Result<void> mark_published(std::span<const std::int64_t> ids) override;
  Result<tasks::OutboxStats> outbox_stats() override;

  /// For the stores, within the transaction that has made the task ready: writes a ring for it, unless rings are not
  /// written or the task is not UPLOADED after all.
  Result<void> add(Connection& connection, const tasks::TaskId& task) const;
  /// SweepStore::ring_again().
  Result<int> add_overdue(std::chrono::milliseconds age, int limit);

 private:
  Readers& readers_;
  Writer& writer_;
  const Rings rings_;
};

}  // namespace decant::database::sqlite
