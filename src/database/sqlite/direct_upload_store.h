#pragma once

#include "database/sqlite/task_store.h"
#include "tasks/direct_upload_store.h"

namespace decant::database::sqlite {

class DirectUploadStore final : public tasks::DirectUploadStore {
 public:
  DirectUploadStore(Readers& readers, Writer& writer, TaskStore& tasks)
      : readers_(readers), writer_(writer), tasks_(tasks) {}

  Result<void> insert_upload(const tasks::NewDirectUpload& upload) override;
  Result<std::optional<tasks::DirectUpload>> find_upload(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<std::optional<tasks::Task>> turn_into_task(const tasks::Task& task) override;
  Result<void> give_up(const tasks::TaskId& id) override;

 private:
  Readers& readers_;
  Writer& writer_;
  TaskStore& tasks_;
};

}  // namespace decant::database::sqlite
