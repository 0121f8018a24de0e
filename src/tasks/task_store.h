#pragma once

#include <optional>
#include <vector>

#include "tasks/task.h"

namespace decant::tasks {

struct NewTask {
  Task task;  ///< id, user, name, target, options, max_attempts, media, source, cover and trace are read; the rest
              ///< starts out
  ByteCount quota =
      0;  ///< the most bytes that the user's files (sources, covers and results) may hold after this; 0: no bound
  std::string idempotency_key = {};  ///< the client's name for this very request; empty: none
};

/// How long a key stands for the task that it made.
inline constexpr std::chrono::milliseconds idempotency_window = std::chrono::hours(24);

enum class Order { oldest_first, newest_first };

struct ListQuery {
  UserId user;
  int max = 100;  ///< rows at the most
  Order order = Order::oldest_first;
  std::optional<TaskId> after;  ///< continue behind this task (in `order`), whether or not it still exists
  std::optional<State> state;
};

struct Reconversion {
  TaskId task;
  UserId user;
  std::string target;
  ConversionOptions options;
  int max_attempts = 0;
  TraceContext trace = {};
};

/// The web tier's view of the tasks. Every call but list_version() is one transaction and blocks on the database; all
/// are thread-safe. A task of another user, and one that was canceled by its owner, is never found. `unavailable` when
/// the database is busy or away.
class TaskStore {
 public:
  virtual ~TaskStore() = default;
  virtual Result<std::optional<Task>> find_task(const TaskId& id, const UserId& user) = 0;
  virtual Result<std::vector<Task>> list_tasks(const ListQuery& query) = 0;
  /// A number for all lists as they are now: while it stays the same, each query finds the same tasks, whichever
  /// process changes what. Nothing where that takes asking the database. Does not block.
  virtual std::optional<std::int64_t> list_version() = 0;
  /// State UPLOADED, durable when it returns. quota_exceeded leaves nothing behind; conflict when the id exists;
  /// unauthenticated when the user is unknown or disabled. With a key that made a task of that user within the window,
  /// and that was not canceled since: that task (another id than the one given), nothing inserted.
  virtual Result<Task> insert_task(const NewTask& task) = 0;
  /// A new generation from any state but CANCELED; takes the task from its worker. The old result stays. not_found when
  /// there is none.
  virtual Result<Task> reconvert(const Reconversion& change) = 0;
  /// CANCELED, invisible from now on, taken from its worker. Its row stays until the sweep has removed its files.
  /// Returns the task as it was; nothing when there is none.
  virtual Result<std::optional<Task>> cancel_task(const TaskId& id, const UserId& user) = 0;
};

/// A task in the hands of one worker.
struct Claim {
  Task task;  ///< PROCESSING; task.fence names this claim
};

struct ClaimRequest {
  std::optional<TaskRef> wanted;  ///< only this task, in this generation; empty: the oldest that is ready
  std::string worker;             ///< who asks, for people: host and process
  std::chrono::milliseconds lease{};
};

/// The worker's view: the queue. Every call is one transaction and blocks; thread-safe. All time is the database's
/// clock. The bool results are compare-and-set on (id, fence, PROCESSING): false = the claim is no longer this
/// worker's, nothing changed.
class TaskQueue {
 public:
  virtual ~TaskQueue() = default;
  /// Takes a task that is UPLOADED and past not_before, or PROCESSING with a lease that ran out and attempts left:
  /// attempt + 1, fence + 1, durable when it returns.
  virtual Result<std::optional<Claim>> claim(const ClaimRequest& request) = 0;
  virtual Result<bool> heartbeat(const TaskId& id, std::int64_t fence, std::chrono::milliseconds lease,
                                 double progress) = 0;
  /// PROCESSED with this result. `replaced` receives the key of the result it replaces (empty: none), now the caller's
  /// to remove. Durable when it returns.
  struct Commit {
    TaskId task;
    std::int64_t fence = 0;
    StoredFile result;
    std::string report;
  };
  virtual Result<bool> commit(const Commit& commit, std::string& replaced) = 0;
  /// Keeps the error; UPLOADED again after `pause` when `pause` is set and attempts are left, else FAILED.
  virtual Result<bool> fail(const TaskId& id, std::int64_t fence, const TaskError& error,
                            std::optional<std::chrono::milliseconds> pause) = 0;
  /// UPLOADED again at once, the attempt not spent.
  virtual Result<bool> give_back(const TaskId& id, std::int64_t fence) = 0;
  /// How long until a task becomes claimable by time alone (backoff or lease ends): zero when one is claimable now,
  /// nothing when no task waits or works.
  virtual Result<std::optional<std::chrono::milliseconds>> time_to_next_ready() = 0;
};

/// The sweeper's view. Every call is one transaction over at most `limit` rows, re-checks state and fence in its own
/// UPDATE, and blocks; thread-safe; any number of processes may sweep at once.
class SweepStore {
 public:
  virtual ~SweepStore() = default;
  /// PROCESSING with a lease that ran out: UPLOADED again when attempts are left, else FAILED with the last error kept
  /// (or one that says that the worker was lost). Returns the tasks that are ready again.
  virtual Result<std::vector<TaskRef>> release_expired_leases(int limit) = 0;
  /// Of the `limit` tasks that have been ready for the longest time, those ready for `age` and not rung for within it:
  /// writes a ring for each (outbox.h), in case the broker has lost theirs. Returns how many; none where rings are not
  /// written.
  virtual Result<int> ring_again(std::chrono::milliseconds age, int limit) = 0;
  /// Cancels tasks that were finished longer than `age` ago. Returns how many.
  virtual Result<int> cancel_older_than(std::chrono::milliseconds age, int limit) = 0;
  /// Canceled tasks whose files are still to be removed.
  virtual Result<std::vector<Task>> list_canceled(int limit) = 0;
  /// Forgets a canceled task, after its files are gone.
  virtual Result<void> purge(const TaskId& id) = 0;
  /// Ends direct uploads that were open for too long (direct_upload_store.h). Returns the keys of their files, now the
  /// caller's to remove; those that come later are orphans.
  virtual Result<std::vector<std::string>> remove_expired_uploads(int limit) = 0;
  /// Which of these object keys belong to no task: neither a source nor a result, by the row as it is now, nor what a
  /// claim that still stands made (make_result_key), nor the file of an open direct upload. A result among them belongs
  /// to none for ever.
  virtual Result<std::vector<std::string>> find_unreferenced(const std::vector<std::string>& keys) = 0;
};

/// Counts for health, metrics and autoscaling.
struct QueueStats {
  std::int64_t ready = 0;    ///< claimable now
  std::int64_t delayed = 0;  ///< UPLOADED, waiting for its backoff
  std::int64_t leased = 0;   ///< PROCESSING
  std::int64_t processed = 0;
  std::int64_t failed = 0;
  std::chrono::milliseconds oldest_ready_age{};
};

class QueueStatsSource {
 public:
  virtual ~QueueStatsSource() = default;
  /// Blocks; thread-safe.
  virtual Result<QueueStats> queue_stats() = 0;
};

}  // namespace decant::tasks
