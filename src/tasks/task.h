#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/trace_context.h"
#include "tasks/options.h"

namespace decant::tasks {

using TaskId = Id<struct TaskTag>;
using UserId = Id<struct UserTag>;

/// The enumerators are the strings of the database and the API. docs/job_states.md draws the edges.
enum class State { UPLOADED, PROCESSING, PROCESSED, FAILED, CANCELED };

[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::optional<State> find_state(std::string_view name);

/// What moves a task from one state to another.
enum class Event {
  claim,      ///< a worker takes it, also from a worker whose lease ran out; spends an attempt
  commit,     ///< the result stands
  retry,      ///< an attempt failed, another will follow after a pause
  give_back,  ///< the worker drains; the attempt is not spent
  expire,     ///< the lease ran out and attempts are left
  fail,       ///< the last attempt failed, or the failure is final
  reconvert,  ///< another format or other options were asked for: a new generation
  cancel,     ///< deleted by its owner
};

[[nodiscard]] std::string_view to_string(Event event);
/// Where `event` leads from `from`; nothing where that edge does not exist.
[[nodiscard]] std::optional<State> next_state(State from, Event event);

/// A file in the object store.
struct StoredFile {
  std::string key;  ///< ObjectStore key
  ByteCount size = 0;
  std::string sha256;  ///< lower-case hexadecimal
  std::string mime_type;
  std::string extension;  ///< no dot
};

/// A picture that came with the upload, to be the front cover of what is made of it. It is an object of its own
/// (make_cover_key).
struct Cover {
  ByteCount size = 0;
  std::string sha256;  ///< lower-case hexadecimal

  friend bool operator==(const Cover&, const Cover&) = default;
};

struct TaskError {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

/// A conversion as it stands in the database, the truth.
struct Task {
  TaskId id;
  UserId user;
  WallTime created{};
  WallTime updated{};
  std::string name;    ///< display name of the upload, never a path; UTF-8 without control characters
  std::string target;  ///< TargetFormat::name
  ConversionOptions options;
  State state = State::UPLOADED;
  std::int64_t generation = 1;  ///< raised by reconvert
  std::int64_t fence = 0;       ///< raised by every claim and by whatever takes the task from its owner
  int attempts = 0;             ///< claims of this generation that were not given back
  int max_attempts = 0;
  WallTime not_before{};  ///< not claimable earlier (backoff)
  double progress = 0;    ///< 0 to 1
  std::optional<TaskError> error;
  std::string media;  ///< MediaInfo of the source, JSON
  StoredFile source;
  std::optional<Cover> cover;
  std::optional<StoredFile> result;  ///< of the newest generation that committed
  std::string report;                ///< ConversionResult::report of that result, JSON; empty without one
  std::string result_target;         ///< the format of that result (target may be newer)
  TraceContext trace;                ///< the span of the request that made the task, or that reconverted it last

  [[nodiscard]] ByteCount uploaded_bytes() const { return source.size + (cover ? cover->size : 0); }
};

/// Which conversion of which task.
struct TaskRef {
  TaskId task;
  std::int64_t generation = 0;
};

}  // namespace decant::tasks
