#include "worker/attempt.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <optional>
#include <thread>

#include "base/sha256.h"
#include "tasks/media.h"
#include "tasks/object_key.h"
#include "tasks/result_files.h"

namespace decant::worker {
namespace {

using tasks::StoredFile;

constexpr std::size_t read_size = 1 << 20;

struct Digest {
  std::string sha256;
  ByteCount size = 0;
};

Result<Digest> digest_of(const SpoolFile& file) {
  Sha256 hash;
  std::vector<std::byte> buffer(read_size);
  ByteCount size = 0;
  for (;;) {
    const ssize_t got = ::pread(file.descriptor(), buffer.data(), buffer.size(), size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read the result");
    if (got == 0) return Digest{hash.finish_hex(), size};
    hash.update(std::span(buffer).first(static_cast<std::size_t>(got)));
    size += got;
  }
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  constexpr std::array<std::string_view, 6> names = {"processed", "retried", "failed", "given_back", "lost", "unknown"};
  return names.at(static_cast<std::size_t>(outcome));
}

Outcome Attempt::run() {
  const Outcome outcome = make_and_settle();
  const std::string_view reason = failure_ ? to_string(*failure_) : to_string(outcome);
  spans_.end(to_string(outcome), outcome == Outcome::processed ? "" : reason);
  return outcome;
}

Outcome Attempt::make_and_settle() {
  try {
    const Result<Made> made = make_result();
    return made ? commit(*made) : settle_failure(made.error());
  } catch (const std::exception& exception) {
    // An object that was stored already is left to the orphan sweep.
    return settle_failure({ErrorCode::internal, "the worker failed while converting", exception.what()});
  }
}

Result<Attempt::Made> Attempt::make_result() {
  const tasks::TargetFormat* target = parts_.converter.formats().find_target(task_.target);
  if (target == nullptr) return failure(ErrorCode::unprocessable, "this format is no longer offered", task_.target);

  DECANT_TRY(const Inputs inputs, spans_.step("fetch", [this] { return fetch_inputs(); }));
  DECANT_TRY(const SpoolFile output, SpoolFile::make(options_.spool_folder));
  std::optional<SpoolFile> extras;
  if (task_.options.analysis.makes_files()) {
    DECANT_TRY(SpoolFile file, SpoolFile::make(options_.spool_folder));
    extras.emplace(std::move(file));
  }
  const tasks::ConversionJob job{inputs.source.get(), output.descriptor(), task_.target,
                                 task_.options,       time_limit(),        extras ? extras->descriptor() : -1,
                                 inputs.cover.get()};
  DECANT_TRY(tasks::ConversionResult conversion, spans_.step("convert", [&] {
    return parts_.converter.convert(
        job, [this](double progress) { lease_.report_progress(progress); }, lease_.stop_token());
  }));
  DECANT_TRY(Digest digest, spans_.step("hash", [&] { return digest_of(output); }));

  if (lease_.stop_reason() == StopReason::lost) return failure(ErrorCode::lost_lease, "the task was taken away");
  const tasks::ResultKind kind = tasks::result_kind(*target, task_.options);
  StoredFile file{tasks::make_result_key(task_.id, task_.fence, kind.extension), digest.size, std::move(digest.sha256),
                  kind.mime_type, kind.extension};
  DECANT_CHECK(spans_.step("store", [&]() -> Result<void> {
    if (extras) DECANT_CHECK(store_artifacts(*extras, conversion.artifacts, file.key));
    return from_store(parts_.objects.put(file.key, output));
  }));
  return Made{std::move(file), std::move(conversion.report), conversion.duration};
}

Result<Attempt::Inputs> Attempt::fetch_inputs() {
  Inputs inputs;
  DECANT_TRY(inputs.source, from_store(parts_.objects.fetch(task_.source.key)));
  if (task_.cover && task_.options.metadata.pictures != tasks::Keep::drop) {
    DECANT_TRY(inputs.cover, from_store(parts_.objects.fetch(tasks::make_cover_key(task_.source.key))));
  }
  return inputs;
}

Result<void> Attempt::store_artifacts(const SpoolFile& extras, const std::vector<tasks::Artifact>& artifacts,
                                      const std::string& result_key) {
  for (const tasks::Artifact& artifact : artifacts) {
    DECANT_TRY(const auto bytes, tasks::read_artifact(extras.descriptor(), artifact));
    DECANT_TRY(SpoolFile file, SpoolFile::make(options_.spool_folder));
    DECANT_CHECK(file.append(bytes));
    DECANT_CHECK(from_store(parts_.objects.put(tasks::make_artifact_key(result_key, artifact.analysis), file)));
  }
  return {};
}

std::chrono::milliseconds Attempt::time_limit() const {
  const auto media = tasks::parse_media_info_json(task_.media);
  if (!media || !media->duration) return options_.time_limit_longest;
  const auto for_duration = std::chrono::duration<double, std::micro>(*media->duration) * options_.time_limit_factor;
  const auto limit = options_.time_limit_base + for_duration;
  if (limit > options_.time_limit_longest) return options_.time_limit_longest;
  return std::chrono::ceil<std::chrono::milliseconds>(limit);
}

Attempt::Answer Attempt::ask(std::string_view step, const std::function<Result<bool>()>& change) {
  const SteadyTime give_up = parts_.clock.steady_now() + options_.settle_longest;
  for (bool is_repeated = false;; is_repeated = true) {
    Result<bool> answer = spans_.step(step, change);
    if (answer || !tasks::is_retryable(answer.error().code)) return {std::move(answer), is_repeated};
    // A drain that is over has no time to wait for a database that is away.
    const bool is_over =
        lease_.stop_reason() != StopReason::none || parts_.clock.steady_now() >= std::min(give_up, lease_.deadline());
    if (is_over) return {std::move(answer), is_repeated};
    std::this_thread::sleep_for(options_.settle_pause);
  }
}

Outcome Attempt::commit(const Made& made) {
  std::string replaced;
  const Answer answer =
      ask("commit", [&] { return parts_.queue.commit({task_.id, task_.fence, made.file, made.report}, replaced); });
  if (!answer.value) {
    parts_.logger.error(
        "a finished conversion was not committed for sure",
        {{"task", task_.id.text()}, {"trace", task_.trace.trace_id()}, {"error", answer.value.error().describe()}});
    return Outcome::unknown;
  }
  if (*answer.value) {
    tell_end(tasks::State::PROCESSED, made.duration);
    if (!replaced.empty()) remove_result(replaced);
    return Outcome::processed;
  }
  // Refused: it is nobody's object, unless an earlier try was carried out and only its answer lost. Then the row may
  // refer to it, and the orphan sweep, which reads the row, decides.
  if (answer.is_repeated) return Outcome::unknown;
  remove_result(made.file.key);
  return lose();
}

Outcome Attempt::settle_failure(const Error& error) {
  failure_ = error.code;
  if (lease_.stop_reason() == StopReason::lost) return Outcome::lost;
  const bool stopped_by_drain =
      keeper_.is_draining() && (error.code == ErrorCode::canceled || error.code == ErrorCode::unavailable);
  if (stopped_by_drain) return give_back();
  if (is_store_away_) {
    // Nothing is wrong with the task: an outage that outlasts all its attempts must not fail it.
    parts_.logger.warning("the object store is away; the task is given back",
                          {{"task", task_.id.text()}, {"trace", task_.trace.trace_id()}, {"error", error.describe()}});
    return give_back();
  }

  std::optional<std::chrono::milliseconds> pause;
  if (tasks::is_retryable(error.code)) pause = options_.backoff.draw(task_.attempts);
  const bool is_last = !pause || task_.attempts >= task_.max_attempts;
  parts_.logger.warning("an attempt failed", {{"task", task_.id.text()},
                                              {"trace", task_.trace.trace_id()},
                                              {"attempt", task_.attempts},
                                              {"of", task_.max_attempts},
                                              {"error", error.describe()}});
  const Answer answer =
      ask("fail", [&] { return parts_.queue.fail(task_.id, task_.fence, {error.code, error.message}, pause); });
  if (!answer.value) {
    parts_.logger.error(
        "a failed attempt was not recorded",
        {{"task", task_.id.text()}, {"trace", task_.trace.trace_id()}, {"error", answer.value.error().describe()}});
    return Outcome::unknown;
  }
  if (!*answer.value) return answer.is_repeated ? Outcome::unknown : lose();
  if (!is_last) return Outcome::retried;
  tell_end(tasks::State::FAILED, {});
  return Outcome::failed;
}

Outcome Attempt::give_back() {
  const Answer answer = ask("give_back", [&] { return parts_.queue.give_back(task_.id, task_.fence); });
  if (!answer.value) {
    parts_.logger.error(
        "a task was not given back",
        {{"task", task_.id.text()}, {"trace", task_.trace.trace_id()}, {"error", answer.value.error().describe()}});
    return Outcome::unknown;
  }
  if (*answer.value) return Outcome::given_back;
  return answer.is_repeated ? Outcome::lost : lose();
}

Outcome Attempt::lose() {
  parts_.observer.fence_rejected();
  if (lease_.stop(StopReason::lost)) parts_.observer.lease_lost();
  return Outcome::lost;
}

void Attempt::tell_end(tasks::State result, tasks::AudioTime audio) const {
  parts_.observer.task_finished({task_, result, parts_.clock.steady_now() - started_, audio});
}

void Attempt::remove_result(const std::string& key) {
  const Result<void> removed = tasks::remove_result(parts_.objects, key);
  if (!removed) {
    parts_.logger.warning("an object is left to the orphan sweep",
                          {{"key", key}, {"error", removed.error().describe()}});
  }
}

}  // namespace decant::worker
