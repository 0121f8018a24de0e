#include "tasks/task_service.h"

#include <fmt/format.h>

#include <future>

#include "tasks/display_name.h"
#include "tasks/object_key.h"
#include "tasks/result_files.h"

namespace decant::tasks {
namespace {

/// Whether the same request made both. A task that was converted again since no longer tells what it was first asked
/// for.
bool is_same_request(const Task& first, const Task& again) {
  return first.source.sha256 == again.source.sha256 && first.cover == again.cover &&
         (first.generation > 1 || (first.target == again.target && first.options == again.options));
}

Result<void> check_cover_of(const Submission& submission, const Upload& cover, const CoverLimits& limits) {
  if (submission.options.metadata.pictures == Keep::drop) {
    Error error{ErrorCode::invalid_argument, "cover: goes not together with pictures=drop"};
    error.fields.push_back({"cover", "goes not together with pictures=drop"});
    return Failure(std::move(error));
  }
  return check_cover(cover.file().descriptor(), limits);
}

/// Whether insert_task() answered that there is no row, and none will come.
bool is_refusal(ErrorCode code) {
  return code == ErrorCode::quota_exceeded || code == ErrorCode::unauthenticated || code == ErrorCode::conflict;
}

}  // namespace

Failure no_such_task() { return failure(ErrorCode::not_found, "there is no such task"); }

Result<const TargetFormat*> TaskService::check_target(std::string_view target, const ConversionOptions& options) const {
  const FormatCatalog& formats = parts_.converter.formats();
  const TargetFormat* format = formats.find_target(target);
  if (format == nullptr) {
    Error error{ErrorCode::invalid_argument, fmt::format("newFormat: must be one of {}", formats.target_names())};
    error.fields.push_back({"newFormat", fmt::format("must be one of {}", formats.target_names())});
    return Failure(std::move(error));
  }
  DECANT_CHECK(check_options(options, *format));
  return format;
}

Result<Task> TaskService::submit(const Submission& submission, Upload& upload, Upload* cover) {
  DECANT_TRY(const TargetFormat* const format, check_target(submission.target, submission.options));
  if (upload.size() == 0) return failure(ErrorCode::unsupported_media, "the file is empty");
  if (cover != nullptr) DECANT_CHECK(check_cover_of(submission, *cover, limits_.cover));
  // The disk is slow and the probe is not: one hides behind the other.
  auto flushed = std::async(std::launch::async, [&] { return upload.file().flush_to_disk(); });
  auto probed = parts_.converter.probe(upload.file().descriptor());
  DECANT_CHECK(flushed.get());
  DECANT_TRY(const MediaInfo media, std::move(probed));

  NewTask fresh;
  fresh.quota = limits_.quota;
  fresh.idempotency_key = submission.idempotency_key;
  Task& task = fresh.task;
  task.id = TaskId::make(parts_.clock.wall_now());
  task.user = submission.user;
  task.name = make_display_name(submission.name);
  if (task.name.empty()) task.name = with_extension("audio", media.extension);
  task.target = format->name;
  task.options = submission.options;
  task.max_attempts = limits_.max_attempts;
  task.trace = submission.trace;
  task.media = to_json(media);
  task.source = {.key = make_source_key(task.id, media.extension),
                 .size = upload.size(),
                 .sha256 = upload.finish_sha256(),
                 .mime_type = media.mime_type,
                 .extension = media.extension};
  if (cover != nullptr) task.cover = Cover{cover->size(), cover->finish_sha256()};
  DECANT_CHECK(store_uploads(task, upload, cover));
  return insert(fresh);
}

Result<void> TaskService::store_uploads(const Task& task, const Upload& upload, const Upload* cover) {
  if (cover != nullptr) DECANT_CHECK(parts_.objects.put(make_cover_key(task.source.key), cover->file()));
  const Result<void> stored = parts_.objects.put(task.source.key, upload.file());
  // A store that does not answer would keep the client waiting once more: what is there is left to the orphan sweep.
  if (!stored && stored.error().code != ErrorCode::unavailable) remove_uploads(task);
  return stored;
}

Result<Task> TaskService::insert(const NewTask& fresh) {
  auto stored = parts_.store.insert_task(fresh);
  // The database hung up in the middle, as when it restarts: nobody knows whether there is a row. Once it answers again
  // the row may be inserted again, as there cannot be two with this id, which spares the client the upload.
  const bool is_unknown = !stored && stored.error().code == ErrorCode::unavailable;
  if (is_unknown) {
    if (auto found = parts_.store.find_task(fresh.task.id, fresh.task.user)) {
      stored = *found ? **std::move(found) : parts_.store.insert_task(fresh);
    }
  }
  if (stored && stored->id == fresh.task.id) {
    ring(*stored);
    return stored;
  }
  if (stored) {
    remove_uploads(fresh.task);
    if (is_same_request(*stored, fresh.task)) return stored;
    return failure(ErrorCode::unprocessable, "this Idempotency-Key came with another file, format or options before");
  }
  if (!is_unknown && is_refusal(stored.error().code)) {
    remove_uploads(fresh.task);
    return stored;
  }
  // The answer was lost. A row that is not there may still come: the server can be at the commit yet. So its files are
  // left to the orphan sweep, which looks again when no statement can be under way any more.
  auto found = parts_.store.find_task(fresh.task.id, fresh.task.user);
  if (found && *found) {
    ring(**found);
    return **std::move(found);
  }
  return stored;
}

Result<Task> TaskService::reconvert(const TaskId& id, const UserId& user, std::string_view target,
                                    const ConversionOptions& options, const TraceContext& trace) {
  DECANT_TRY(const TargetFormat* const format, check_target(target, options));
  auto task = parts_.store.reconvert({id, user, format->name, options, limits_.max_attempts, trace});
  if (!task && task.error().code == ErrorCode::not_found) return no_such_task();
  if (task) ring(*task);
  return task;
}

Result<Task> TaskService::get_task(const TaskId& id, const UserId& user) {
  DECANT_TRY(auto task, parts_.store.find_task(id, user));
  if (!task) return no_such_task();
  return *std::move(task);
}

Result<void> TaskService::forget(const TaskId& id, const UserId& user) {
  DECANT_TRY(const auto task, parts_.store.cancel_task(id, user));
  if (!task) return no_such_task();
  remove_uploads(*task);
  if (task->result) warn_unless(remove_result(parts_.objects, task->result->key), task->result->key);
  return {};
}

void TaskService::ring(const Task& task) {
  if (const auto rung = parts_.bell.ring({task.id, task.generation}); !rung) {
    parts_.log.warning(
        "could not ring for a task; the sweep will",
        {{"task", task.id.text()}, {"trace", task.trace.trace_id()}, {"error", rung.error().describe()}});
  }
}

void TaskService::remove_uploads(const Task& task) {
  warn_unless(remove_source(parts_.objects, task), task.source.key);
}

void TaskService::warn_unless(const Result<void>& removed, const std::string& key) {
  if (!removed) {
    parts_.log.warning("could not remove an object; the sweep will",
                       {{"key", key}, {"error", removed.error().describe()}});
  }
}

}  // namespace decant::tasks
