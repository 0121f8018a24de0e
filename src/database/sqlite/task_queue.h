#pragma once

#include "database/sqlite/outbox.h"
#include "database/sqlite/readers.h"
#include "database/sqlite/writer.h"
#include "tasks/task_store.h"

namespace decant::database::sqlite {

class TaskQueue final : public tasks::TaskQueue {
 public:
  TaskQueue(Readers& readers, Writer& writer, Outbox& outbox) : readers_(readers), writer_(writer), outbox_(outbox) {}

  Result<std::optional<tasks::Claim>> claim(const tasks::ClaimRequest& request) override;
  Result<bool> heartbeat(const tasks::TaskId& id, std::int64_t fence, std::chrono::milliseconds lease,
                         double progress) override;
  Result<bool> commit(const Commit& commit, std::string& replaced) override;
  Result<bool> fail(const tasks::TaskId& id, std::int64_t fence, const tasks::TaskError& error,
                    std::optional<std::chrono::milliseconds> pause) override;
  Result<bool> give_back(const tasks::TaskId& id, std::int64_t fence) override;
  Result<std::optional<std::chrono::milliseconds>> time_to_next_ready() override;

 private:
  Readers& readers_;
  Writer& writer_;
  Outbox& outbox_;
};

}  // namespace decant::database::sqlite
