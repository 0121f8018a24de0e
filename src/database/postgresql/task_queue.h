#pragma once

#include "database/postgresql/live_edge.h"
#include "database/postgresql/pool.h"
#include "database/postgresql/task_store.h"

namespace decant::database::postgresql {

/// A claim that finds nothing may have missed a task whose pause or lease ended before the edge (LiveEdge): a later one
/// finds it. Tasks that become ready by a new row, a reconversion or the end of a pause are found at once.
class TaskQueue final : public tasks::TaskQueue {
 public:
  TaskQueue(Pool& pool, Rings rings, const LiveEdgeOptions& edge)
      : pool_(pool), rings_(rings == Rings::written), ready_(edge), coming_(edge) {}

  Result<std::optional<tasks::Claim>> claim(const tasks::ClaimRequest& request) override;
  Result<bool> heartbeat(const tasks::TaskId& id, std::int64_t fence, std::chrono::milliseconds lease,
                         double progress) override;
  Result<bool> commit(const Commit& commit, std::string& replaced) override;
  Result<bool> fail(const tasks::TaskId& id, std::int64_t fence, const tasks::TaskError& error,
                    std::optional<std::chrono::milliseconds> pause) override;
  Result<bool> give_back(const tasks::TaskId& id, std::int64_t fence) override;
  Result<std::optional<std::chrono::milliseconds>> time_to_next_ready() override;

 private:
  Result<std::optional<tasks::Claim>> claim_oldest(Connection& connection, const tasks::ClaimRequest& request);

  Pool& pool_;
  const bool rings_;
  LiveEdge ready_;   ///< of the index of what may be claimed
  LiveEdge coming_;  ///< of the same, for looks that take nothing: each kind pays for itself
};

}  // namespace decant::database::postgresql
