#include "database/sqlite/database.h"

#include "database/sqlite/direct_upload_store.h"
#include "database/sqlite/migrations.h"
#include "database/sqlite/outbox.h"
#include "database/sqlite/queue_stats.h"
#include "database/sqlite/sweep_store.h"
#include "database/sqlite/task_changes.h"
#include "database/sqlite/task_queue.h"
#include "database/sqlite/task_store.h"
#include "database/sqlite/user_store.h"
#include "database/sqlite/work_view.h"

namespace decant::database::sqlite {
namespace {

constexpr std::string_view check_pages = "PRAGMA integrity_check";
constexpr std::string_view check_references =
    "SELECT 'a row of ' || \"table\" || ' refers to no row of ' || parent FROM pragma_foreign_key_check";
constexpr std::string_view check_storage = R"sql(
  SELECT 'user ' || id || ' has ' || stored_bytes || ' bytes on account and ' || held || ' in tasks and uploads'
  FROM (SELECT id, stored_bytes,
               (SELECT ifnull(sum(tasks.stored_bytes), 0) FROM tasks WHERE user_id = users.id) +
                   (SELECT ifnull(sum(size), 0) FROM direct_uploads WHERE user_id = users.id) AS held FROM users)
  WHERE stored_bytes <> held)sql";

/// Appends what the query finds, a text a row.
Result<void> collect_findings(Connection& connection, std::string_view sql, std::string& findings) {
  DECANT_TRY(Statement statement, connection.prepare(sql));
  for (;;) {
    DECANT_TRY(const bool found, statement.step());
    if (!found) return {};
    const std::string finding = statement.text(0);
    if (finding != "ok") findings += (findings.empty() ? "" : "; ") + finding;
  }
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::vector<std::unique_ptr<Connection>> readers, std::unique_ptr<Connection> writer,
                 std::unique_ptr<Connection> observer, int max_batch, Rings rings)
      : readers_(std::move(readers)),
        writer_(std::move(writer), max_batch),
        version_(std::move(observer)),
        outbox_(readers_, writer_, rings) {}

  tasks::TaskStore& tasks() override { return tasks_; }
  tasks::DirectUploadStore& uploads() override { return uploads_; }
  tasks::TaskQueue& queue() override { return queue_; }
  tasks::SweepStore& sweep() override { return sweep_; }
  tasks::TaskChanges& changes() override { return changes_; }
  tasks::Outbox& outbox() override { return outbox_; }
  tasks::UserStore& users() override { return users_; }
  tasks::QueueStatsSource& stats() override { return stats_; }
  tasks::WorkView& work() override { return work_; }

  Result<std::unique_ptr<tasks::Broker>> open_bell() override { return nullptr; }

  Result<void> check() override { return readers_.run(check_schema); }

  Result<void> check_integrity() override {
    return readers_.run([](Connection& connection) -> Result<void> {
      DECANT_TRY(Transaction transaction, Transaction::begin_read(connection));
      std::string findings;
      for (const std::string_view query : {check_pages, check_references, check_storage}) {
        DECANT_CHECK(collect_findings(connection, query, findings));
      }
      if (!findings.empty()) return failure(ErrorCode::internal, "The database is damaged.", findings);
      return transaction.commit();
    });
  }

 private:
  Readers readers_;
  Writer writer_;
  DataVersion version_;
  Outbox outbox_;
  TaskStore tasks_{readers_, writer_, outbox_, version_};
  DirectUploadStore uploads_{readers_, writer_, tasks_};
  TaskQueue queue_{readers_, writer_, outbox_};
  SweepStore sweep_{readers_, writer_, outbox_};
  UserStore users_{readers_, writer_};
  TaskChanges changes_{readers_};
  QueueStatsSource stats_{readers_};
  WorkView work_{readers_};
};

}  // namespace

Result<std::unique_ptr<Database>> open(const std::string& path, const DatabaseOptions& options, const Clock& clock,
                                       Logger& logger) {
  ConnectionOptions connection_options{Access::write, options.busy_timeout, options.max_size};
  DECANT_TRY(auto writer, Connection::open(path, connection_options, clock));
  DECANT_CHECK(check_schema(*writer));
  connection_options.access = Access::read;
  std::vector<std::unique_ptr<Connection>> readers;
  for (int i = 0; i < std::max(options.read_connections, 1); ++i) {
    DECANT_TRY(auto reader, Connection::open(path, connection_options, clock));
    readers.push_back(std::move(reader));
  }
  DECANT_TRY(auto observer, Connection::open(path, connection_options, clock));
  logger.debug("database opened", {{"sqlite", sqlite3_libversion()}, {"path", path}});
  const Rings rings = options.ring_by_outbox ? Rings::written : Rings::not_written;
  return std::make_unique<SqliteDatabase>(std::move(readers), std::move(writer), std::move(observer), options.max_batch,
                                          rings);
}

}  // namespace decant::database::sqlite
