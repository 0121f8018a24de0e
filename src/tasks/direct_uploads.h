#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "tasks/broker.h"
#include "tasks/converter.h"
#include "tasks/direct_upload_store.h"
#include "tasks/object_store.h"
#include "tasks/task_service.h"

namespace decant::tasks {

struct DirectUploadLimits {
  int max_attempts = 3;
  ByteCount quota = 0;  ///< the most bytes that one user's files may hold; 0: no bound
  ByteCount most = 0;   ///< bytes of one upload
  int most_open = 100;  ///< of one user
  std::chrono::seconds link_lifetime = std::chrono::minutes(15);
  std::chrono::milliseconds grace = std::chrono::hours(1);  ///< to confirm after that
};

/// What a user says of a file before it is there.
struct Announcement {
  UserId user;
  std::string name;  ///< hostile; empty: one is made
  ByteCount size = 0;
  std::string sha256;  ///< lower-case hexadecimal
  std::string target;  ///< a name that FormatCatalog::find_target takes
  ConversionOptions options;
};

/// An upload that is open, and how its file gets into the store.
struct OpenUpload {
  TaskId id;
  ObjectLink link;
  WallTime expires{};  ///< when the link ends
};

/// Uploads that go to the object store without passing through decant: announced, put by the client, confirmed. The
/// link takes the announced bytes only, and once, so what was checked at the confirmation cannot be changed after it.
/// Every call blocks; thread-safe.
class DirectUploads {
 public:
  struct Parts {
    TaskService& service;
    DirectUploadStore& uploads;
    TaskStore& tasks;
    ObjectStore& objects;
    Bell& bell;
    Converter& converter;
    const Clock& clock;
    Logger& log;
  };
  DirectUploads(DirectUploadLimits limits, Parts parts) : limits_(limits), parts_(parts) {}

  /// Counts the file against the quota from now on. Errors: TaskService::check_target's; invalid_argument with the
  /// FieldError "size" or "sha256"; too_large; conflict where the store gives no such links; quota_exceeded,
  /// rate_limited, unavailable.
  Result<OpenUpload> announce(const Announcement& announcement);
  /// Makes the task of what was put, with the upload's id, in that trace. Again, it answers the same task. Errors:
  /// not_found (also of another user's, and of one that was open for too long); conflict when the file is not there;
  /// unprocessable when it is not what was announced; those of Converter::probe; unavailable. After any of them it may
  /// be confirmed again.
  Result<Task> confirm(const TaskId& id, const UserId& user, const TraceContext& trace = {});

 private:
  Result<std::optional<Task>> find_task(const TaskId& id, const UserId& user);
  Result<MediaInfo> check(const DirectUpload& upload);
  Result<Task> insert(const Task& task);
  void ring(const Task& task);

  DirectUploadLimits limits_;
  Parts parts_;
};

}  // namespace decant::tasks
