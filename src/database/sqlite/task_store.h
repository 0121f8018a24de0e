#pragma once

#include "database/sqlite/data_version.h"
#include "database/sqlite/outbox.h"
#include "database/sqlite/readers.h"
#include "database/sqlite/writer.h"
#include "tasks/task_store.h"

namespace decant::database::sqlite {

class TaskStore final : public tasks::TaskStore {
 public:
  TaskStore(Readers& readers, Writer& writer, Outbox& outbox, DataVersion& version)
      : readers_(readers), writer_(writer), outbox_(outbox), version_(version) {}

  Result<std::optional<tasks::Task>> find_task(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<std::vector<tasks::Task>> list_tasks(const tasks::ListQuery& query) override;
  std::optional<std::int64_t> list_version() override { return version_.find(); }
  Result<tasks::Task> insert_task(const tasks::NewTask& task) override;
  Result<tasks::Task> reconvert(const tasks::Reconversion& change) override;
  Result<std::optional<tasks::Task>> cancel_task(const tasks::TaskId& id, const tasks::UserId& user) override;

  /// For the stores, within a transaction: whether the user's files may grow by so many bytes. unauthenticated,
  /// quota_exceeded.
  static Result<void> check_room(Connection& connection, const tasks::UserId& user, ByteCount bytes, ByteCount quota);
  /// The same: the row and its ring, whatever the quota says.
  Result<tasks::Task> insert_row(Connection& connection, const tasks::NewTask& task) const;

 private:
  Readers& readers_;
  Writer& writer_;
  Outbox& outbox_;
  DataVersion& version_;
};

}  // namespace decant::database::sqlite
