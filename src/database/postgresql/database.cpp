#include "database/postgresql/database.h"

#include "database/postgresql/bell.h"
#include "database/postgresql/direct_upload_store.h"
#include "database/postgresql/migrations.h"
#include "database/postgresql/outbox.h"
#include "database/postgresql/sweep_store.h"
#include "database/postgresql/task_changes.h"
#include "database/postgresql/task_queue.h"
#include "database/postgresql/task_store.h"
#include "database/postgresql/user_store.h"
#include "database/postgresql/work_view.h"

namespace decant::database::postgresql {
namespace {

// References and states are held by constraints.
constexpr std::string_view check_storage = R"sql(
  SELECT 'user ' || id || ' has ' || stored_bytes || ' bytes on account and ' || held || ' in tasks and uploads'
  FROM (SELECT id, stored_bytes,
               (SELECT coalesce(sum(tasks.stored_bytes), 0) FROM tasks WHERE user_id = users.id) +
                   (SELECT coalesce(sum(size), 0) FROM direct_uploads WHERE user_id = users.id) AS held FROM users) AS each
  WHERE stored_bytes <> held)sql";

// Load balancers ask whether this process is ready, and wait three seconds or so. A restart is over before.
constexpr std::chrono::seconds check_wait{2};

PoolOptions pool_options(const std::string& location, const DatabaseOptions& options) {
  return {.connection = connection_options(location, options),
          .size = std::max(options.connections, 1),
          .wait = options.busy_timeout};
}

class PostgresqlDatabase final : public Database {
 public:
  PostgresqlDatabase(const std::string& location, const DatabaseOptions& options, Logger& logger)
      : rings_(options.ring_by_outbox ? Rings::written : Rings::not_written),
        edge_{.whole_look_share = options.whole_look_share},
        logger_(logger),
        pool_(pool_options(location, options), logger) {}

  tasks::TaskStore& tasks() override { return tasks_; }
  tasks::DirectUploadStore& uploads() override { return uploads_; }
  tasks::TaskQueue& queue() override { return queue_; }
  tasks::SweepStore& sweep() override { return sweep_; }
  tasks::TaskChanges& changes() override { return changes_; }
  tasks::Outbox& outbox() override { return outbox_; }
  tasks::UserStore& users() override { return users_; }
  tasks::QueueStatsSource& stats() override { return stats_; }
  tasks::WorkView& work() override { return work_; }
  Result<std::unique_ptr<tasks::Broker>> open_bell() override {
    return Bell::open({.connection = pool_.connection_options()}, logger_);
  }

  Result<void> check() override { return pool_.run_soon(check_schema, check_wait); }

  Result<void> check_integrity() override {
    return pool_.run([](Connection& connection) -> Result<void> {
      DECANT_TRY(const Rows rows, connection.query(check_storage));
      std::string findings;
      for (int row = 0; row < rows.count(); ++row) findings += (row == 0 ? "" : "; ") + rows[row].text(0);
      if (!findings.empty()) return failure(ErrorCode::internal, "The database is damaged.", findings);
      return {};
    });
  }

 private:
  const Rings rings_;
  const LiveEdgeOptions edge_;
  Logger& logger_;
  Pool pool_;
  TaskStore tasks_{pool_, rings_};
  DirectUploadStore uploads_{pool_, rings_};
  TaskQueue queue_{pool_, rings_, edge_};
  SweepStore sweep_{pool_, rings_};
  Outbox outbox_{pool_, edge_};
  UserStore users_{pool_};
  TaskChanges changes_{pool_};
  QueueStatsSource stats_{pool_};
  WorkView work_{pool_};
};

}  // namespace

ConnectionOptions connection_options(const std::string& location, const DatabaseOptions& options) {
  return {.url = "postgresql://" + location,
          .connect_timeout = options.connect_timeout,
          .statement_timeout = options.statement_timeout,
          .lock_timeout = options.busy_timeout,
          .idle_transaction_timeout = options.idle_transaction_timeout};
}

Result<std::unique_ptr<Database>> open(const std::string& location, const DatabaseOptions& options,
                                       const Clock& /*clock*/, Logger& logger) {
  {
    DECANT_TRY(const auto first, Connection::open(connection_options(location, options)));
    DECANT_CHECK(check_schema(*first));
  }
  return std::make_unique<PostgresqlDatabase>(location, options, logger);
}

}  // namespace decant::database::postgresql
