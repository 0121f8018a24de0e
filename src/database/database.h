#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "tasks/broker.h"
#include "tasks/direct_upload_store.h"
#include "tasks/outbox.h"
#include "tasks/task_changes.h"
#include "tasks/task_store.h"
#include "tasks/user_store.h"
#include "tasks/work_view.h"

namespace decant::database {

/// What is marked with a name concerns that database only.
struct DatabaseOptions {
  /// How long a call waits for other processes, or for a free connection, before it is `unavailable`.
  std::chrono::milliseconds busy_timeout{5000};
  /// Whether what makes a task ready writes a ring, too (outbox.h): for any broker but database:.
  bool ring_by_outbox = false;

  int read_connections = 4;  ///< SQLite: reads that run at once; further ones wait
  ByteCount max_size = 0;    ///< SQLite: the most bytes that the file may take; 0: no bound but the disk's
  int max_batch = 64;        ///< SQLite: writes of different threads that share one commit, at the most

  int connections = 8;  ///< PostgreSQL: open at once; further calls wait
  /// PostgreSQL: for each host of the URL; whole seconds, at least 2.
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds statement_timeout{30'000};       ///< PostgreSQL: a longer one is `unavailable`
  std::chrono::milliseconds idle_transaction_timeout{3000};  ///< PostgreSQL: of a process that hangs amid a call
  double whole_look_share = 0.05;  ///< PostgreSQL: of the time, for looks at all of the queue (live_edge.h)
};

/// The database behind the ports of tasks. Thread-safe; every call of every port blocks. The clock and the logger
/// outlive it.
///
/// Errors of all ports: unavailable (locked by others past busy_timeout, away, disk not readable), quota_exceeded (no
/// room on disk), internal (damaged, or a fault of decant's). After any of them the next call works as if it had not
/// happened.
class Database {
 public:
  virtual ~Database() = default;
  virtual tasks::TaskStore& tasks() = 0;
  virtual tasks::DirectUploadStore& uploads() = 0;
  virtual tasks::TaskQueue& queue() = 0;
  virtual tasks::SweepStore& sweep() = 0;
  virtual tasks::TaskChanges& changes() = 0;
  virtual tasks::Outbox& outbox() = 0;
  virtual tasks::UserStore& users() = 0;
  virtual tasks::QueueStatsSource& stats() = 0;
  virtual tasks::WorkView& work() = 0;
  /// A bell of the database's own for the broker database:, over any distance. Nothing where there is none: processes
  /// then are of one machine and ring by a file.
  virtual Result<std::unique_ptr<tasks::Broker>> open_bell() = 0;
  /// Whether it answers; cheap.
  virtual Result<void> check() = 0;
  /// Reads all of it: pages, references, and the storage kept for each user against its tasks. internal, with the
  /// findings in `detail`.
  virtual Result<void> check_integrity() = 0;
};

/// Opens by URL: sqlite:///absolute/path, sqlite://relative/path, or postgresql://… as libpq takes it. Runs no
/// migration: not_found when there is no
/// database and conflict when its schema is older or newer than this program, both naming the remedy; invalid_argument
/// for a wrong URL.
Result<std::unique_ptr<Database>> open_database(const std::string& url, const DatabaseOptions& options,
                                                const Clock& clock, Logger& logger);

/// Makes the database where there is none and brings its schema up to date; returns the versions applied, none when it
/// was. All in one transaction, so a start that is killed or races others leaves the old schema or the new one.
/// conflict when the schema is newer than this program.
Result<std::vector<int>> migrate(const std::string& url, const DatabaseOptions& options, const Clock& clock,
                                 Logger& logger);

/// What transfer() moved, in rows.
struct Transferred {
  std::int64_t users = 0;
  std::int64_t tasks = 0;
  std::int64_t rings = 0;
};

/// Copies everything in the SQLite database `from` to the PostgreSQL database `to`, whose schema is made or brought up
/// to date first. One transaction: after any failure `to` is as empty as before. Memory does not grow with the
/// database. `from` stays as it is; nobody else can open it meanwhile. A task that was being converted keeps its fence
/// and its spent attempt, and its lease ends: who held it is gone. Object keys are copied, not the objects.
/// invalid_argument for other kinds of URL; conflict when another process has `from` open, its schema is not this
/// program's, or `to` is not empty.
Result<Transferred> transfer(const std::string& from, const std::string& to, const DatabaseOptions& options,
                             const Clock& clock, Logger& logger);

}  // namespace decant::database
