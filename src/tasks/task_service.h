#pragma once

#include <optional>
#include <vector>

#include "base/log.h"
#include "tasks/broker.h"
#include "tasks/converter.h"
#include "tasks/object_store.h"
#include "tasks/picture.h"
#include "tasks/task_store.h"
#include "tasks/upload.h"

namespace decant::tasks {

struct TaskLimits {
  int max_attempts = 3;
  ByteCount quota = 0;  ///< the most bytes that one user's files may hold; 0: no bound
  CoverLimits cover = {};
};

/// What a user asks to be converted.
struct Submission {
  UserId user;
  std::string name;    ///< as the user gave it, hostile; empty: one is made
  std::string target;  ///< a name that FormatCatalog::find_target takes
  ConversionOptions options;
  std::string idempotency_key = {};  ///< as NewTask's
  TraceContext trace = {};           ///< as Task's
};

/// not_found in the one form that tells nothing: for a task of another user, one that is gone, and what is no id.
[[nodiscard]] Failure no_such_task();

/// What users do with tasks. Every call blocks; thread-safe.
class TaskService {
 public:
  struct Parts {
    TaskStore& store;
    ObjectStore& objects;
    Bell& bell;
    Converter& converter;
    const Clock& clock;
    Logger& log;
  };
  TaskService(TaskLimits limits, Parts parts) : limits_(limits), parts_(parts) {}

  /// The format by that name and the options checked against it: invalid_argument with the FieldError "newFormat" or
  /// the option's.
  Result<const TargetFormat*> check_target(std::string_view target, const ConversionOptions& options) const;

  /// Probes the file, stores it, inserts the task, rings. The task is durable when this returns; of one key there is
  /// one task, and the same file and cover are expected with it (else unprocessable). After an error nothing
  /// is kept; after `unavailable` and `internal` the sweep may have to see to that. Errors besides check_target's:
  /// those of Converter::probe and check_cover, quota_exceeded, unavailable. `cover`: null where none is given.
  Result<Task> submit(const Submission& submission, Upload& upload, Upload* cover = nullptr);
  /// Converts the source once more, with the cover that came with it unless all pictures shall be dropped. The old
  /// result stays until the new one commits.
  Result<Task> reconvert(const TaskId& id, const UserId& user, std::string_view target,
                         const ConversionOptions& options, const TraceContext& trace = {});
  Result<Task> get_task(const TaskId& id, const UserId& user);
  Result<std::vector<Task>> list_tasks(const ListQuery& query) { return parts_.store.list_tasks(query); }
  /// Cancels and hides the task and removes its files; the sweep forgets the row, and files that could not be removed
  /// now.
  Result<void> forget(const TaskId& id, const UserId& user);

 private:
  Result<Task> insert(const NewTask& fresh);
  Result<void> store_uploads(const Task& task, const Upload& upload, const Upload* cover);
  void ring(const Task& task);
  void remove_uploads(const Task& task);
  void warn_unless(const Result<void>& removed, const std::string& key);

  TaskLimits limits_;
  Parts parts_;
};

}  // namespace decant::tasks
