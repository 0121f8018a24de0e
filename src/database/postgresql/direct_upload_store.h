#pragma once

#include "database/postgresql/task_store.h"
#include "tasks/direct_upload_store.h"

namespace decant::database::postgresql {

class DirectUploadStore final : public tasks::DirectUploadStore {
 public:
  DirectUploadStore(Pool& pool, Rings rings) : pool_(pool), rings_(rings == Rings::written) {}

  Result<void> insert_upload(const tasks::NewDirectUpload& upload) override;
  Result<std::optional<tasks::DirectUpload>> find_upload(const tasks::TaskId& id, const tasks::UserId& user) override;
  Result<std::optional<tasks::Task>> turn_into_task(const tasks::Task& task) override;
  Result<void> give_up(const tasks::TaskId& id) override;

 private:
  Pool& pool_;
  const bool rings_;
};

}  // namespace decant::database::postgresql
