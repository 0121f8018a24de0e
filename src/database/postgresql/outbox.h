#pragma once

#include "database/postgresql/live_edge.h"
#include "database/postgresql/pool.h"
#include "tasks/outbox.h"

namespace decant::database::postgresql {

class Outbox final : public tasks::Outbox {
 public:
  Outbox(Pool& pool, const LiveEdgeOptions& edge) : pool_(pool), due_(edge) {}

  Result<std::vector<tasks::Ring>> take(int limit, std::chrono::milliseconds hold) override;
  Result<void> mark_published(std::span<const std::int64_t> ids) override;
  Result<tasks::OutboxStats> outbox_stats() override;

 private:
  Pool& pool_;
  LiveEdge due_;
};

}  // namespace decant::database::postgresql
