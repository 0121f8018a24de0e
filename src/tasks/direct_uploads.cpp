#include "tasks/direct_uploads.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/sha256.h"
#include "tasks/display_name.h"
#include "tasks/object_key.h"
#include "tasks/retry.h"

namespace decant::tasks {
namespace {

/// Nobody knows yet what the file is: the key cannot tell.
constexpr std::string_view key_extension = "upload";

Failure wrong(std::string name, const std::string& message) {
  Error error{ErrorCode::invalid_argument, fmt::format("{}: {}", name, message)};
  error.fields.push_back({std::move(name), message});
  return Failure(std::move(error));
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char character) {
           return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'f');
         });
}

Result<std::string> sha256_of(const Descriptor& file) {
  Sha256 hash;
  std::array<std::byte, 64 * 1024> piece;
  for (ByteCount offset = 0;;) {
    const ssize_t got = ::pread(file.get(), piece.data(), piece.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read the upload");
    if (got == 0) return hash.finish_hex();
    hash.update(std::span(piece).first(static_cast<std::size_t>(got)));
    offset += got;
  }
}

Failure no_such_upload() {
  return failure(ErrorCode::not_found, "there is no such upload: it was never announced, or not confirmed in time");
}

Failure not_there() {
  return failure(ErrorCode::conflict, "the file is not there yet: PUT it to the URL that was answered, then confirm");
}

}  // namespace

Result<OpenUpload> DirectUploads::announce(const Announcement& announcement) {
  DECANT_TRY(const TargetFormat* const format, parts_.service.check_target(announcement.target, announcement.options));
  if (announcement.size < 1) return wrong("size", "must be the number of bytes of the file, at least 1");
  if (announcement.size > limits_.most) {
    return failure(ErrorCode::too_large, fmt::format("a file may have at most {} bytes", limits_.most));
  }
  if (!is_sha256(announcement.sha256)) return wrong("sha256", "must be 64 hexadecimal digits in lower case");

  NewDirectUpload fresh{.quota = limits_.quota,
                        .most_open = limits_.most_open,
                        .link_lifetime = limits_.link_lifetime,
                        .grace = limits_.grace};
  DirectUpload& upload = fresh.upload;
  const WallTime now = parts_.clock.wall_now();
  upload.id = TaskId::make(now);
  upload.user = announcement.user;
  upload.name = make_display_name(announcement.name);
  upload.target = format->name;
  upload.options = announcement.options;
  upload.key = make_source_key(upload.id, key_extension);
  upload.size = announcement.size;
  upload.sha256 = announcement.sha256;
  DECANT_TRY(auto link, parts_.objects.make_link(upload.key, UploadLink{.lifetime = limits_.link_lifetime,
                                                                        .size = upload.size,
                                                                        .sha256 = upload.sha256}));
  if (!link) {
    return failure(ErrorCode::conflict,
                   "files cannot be put into this service's object store directly: send the file to POST /api/tasks");
  }
  // Whoever has the link may use it, so it is told only after the file is counted.
  DECANT_CHECK(parts_.uploads.insert_upload(fresh));
  return OpenUpload{upload.id, *std::move(link), now + limits_.link_lifetime};
}

Result<Task> DirectUploads::confirm(const TaskId& id, const UserId& user, const TraceContext& trace) {
  DECANT_TRY(const auto upload, parts_.uploads.find_upload(id, user));
  if (!upload) {
    DECANT_TRY(auto task, find_task(id, user));
    if (!task) return no_such_upload();
    return *std::move(task);
  }
  const auto media = check(*upload);
  if (!media) {
    // Another look would find the same: the quota need not wait for the sweep's grace.
    if (!is_retryable(media.error().code) && media.error().code != ErrorCode::conflict) {
      DECANT_CHECK(parts_.uploads.give_up(id));
    }
    return Failure(media.error());
  }
  Task task;
  task.id = id;
  task.user = user;
  task.name = upload->name.empty() ? with_extension("audio", media->extension) : upload->name;
  task.target = upload->target;
  task.options = upload->options;
  task.max_attempts = limits_.max_attempts;
  task.trace = trace;
  task.media = to_json(*media);
  task.source = {.key = upload->key,
                 .size = upload->size,
                 .sha256 = upload->sha256,
                 .mime_type = media->mime_type,
                 .extension = media->extension};
  return insert(task);
}

Result<std::optional<Task>> DirectUploads::find_task(const TaskId& id, const UserId& user) {
  DECANT_TRY(auto task, parts_.tasks.find_task(id, user));
  // The confirmation before may have died on its way from the row to the bell.
  if (task && task->state == State::UPLOADED) ring(*task);
  return task;
}

Result<MediaInfo> DirectUploads::check(const DirectUpload& upload) {
  {
    // Before all of it is read.
    const auto reader = parts_.objects.open(upload.key);
    if (!reader && reader.error().code == ErrorCode::not_found) return not_there();
    if (!reader) return Failure(reader.error());
    if ((*reader)->size() != upload.size) {
      return failure(ErrorCode::unprocessable, fmt::format("the file has {} bytes and not {} as it was announced",
                                                           (*reader)->size(), upload.size));
    }
  }
  auto file = parts_.objects.fetch(upload.key);
  if (!file && file.error().code == ErrorCode::not_found) return not_there();
  if (!file) return Failure(file.error());
  DECANT_TRY(const std::string sha256, sha256_of(*file));
  if (sha256 != upload.sha256) {
    return failure(ErrorCode::unprocessable, "the file has another SHA-256 than was announced");
  }
  return parts_.converter.probe(file->get());
}

Result<Task> DirectUploads::insert(const Task& task) {
  auto stored = parts_.uploads.turn_into_task(task);
  if (stored && *stored) {
    ring(**stored);
    return **std::move(stored);
  }
  // Somebody else confirmed it or swept it up, or the answer was lost.
  auto found = find_task(task.id, task.user);
  if (found && *found) return **std::move(found);
  if (!stored) return Failure(stored.error());
  if (!found) return Failure(found.error());
  return no_such_upload();
}

void DirectUploads::ring(const Task& task) {
  if (const auto rung = parts_.bell.ring({task.id, task.generation}); !rung) {
    parts_.log.warning(
        "could not ring for a task; the sweep will",
        {{"task", task.id.text()}, {"trace", task.trace.trace_id()}, {"error", rung.error().describe()}});
  }
}

}  // namespace decant::tasks
