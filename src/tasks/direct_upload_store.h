#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tasks/task.h"

namespace decant::tasks {

/// A file that its owner said would be put into the object store, and what is to become of it.
struct DirectUpload {
  TaskId id;  ///< of the task that it becomes
  UserId user;
  std::string name;    ///< display name, perhaps empty
  std::string target;  ///< TargetFormat::name
  ConversionOptions options;
  std::string key;  ///< ObjectStore key
  ByteCount size = 0;
  std::string sha256;  ///< lower-case hexadecimal
};

struct NewDirectUpload {
  DirectUpload upload;
  ByteCount quota = 0;  ///< the most bytes that the user's files and open uploads may hold after this; 0: no bound
  int most_open = 0;    ///< open uploads of the user after this
  std::chrono::milliseconds link_lifetime{};  ///< the file may be put for this long
  std::chrono::milliseconds grace{};          ///< and the upload stays open for this long after that
};

/// Uploads that are open: announced, counted against the quota, and no task yet. They end as a task, or by the sweep
/// (SweepStore::remove_expired_uploads). Every call is one transaction and blocks on the database; all are thread-safe.
/// `unavailable` when the database is busy or away.
class DirectUploadStore {
 public:
  virtual ~DirectUploadStore() = default;
  /// Durable when it returns. quota_exceeded, rate_limited (as many are open as may be) and unauthenticated (the user
  /// is unknown or disabled) leave nothing behind; conflict when the id exists.
  virtual Result<void> insert_upload(const NewDirectUpload& upload) = 0;
  /// Nothing where there is none, and for another user's.
  virtual Result<std::optional<DirectUpload>> find_upload(const TaskId& id, const UserId& user) = 0;
  /// The open upload of that id and user goes, and the task stands in its place, UPLOADED and with its ring, as
  /// insert_task() makes it; no quota is looked at, for the upload was counted. Nothing when no such upload is open
  /// (any more). Durable when it returns.
  virtual Result<std::optional<Task>> turn_into_task(const Task& task) = 0;
  /// It will not become a task: it stays open, and so counted, only for as long as its link holds. No error when it is
  /// gone.
  virtual Result<void> give_up(const TaskId& id) = 0;
};

}  // namespace decant::tasks
