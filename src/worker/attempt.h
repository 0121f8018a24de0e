#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "tasks/broker.h"
#include "tasks/converter.h"
#include "tasks/object_store.h"
#include "tasks/retry.h"
#include "tasks/task_store.h"
#include "tasks/work_observer.h"
#include "worker/attempt_spans.h"
#include "worker/lease_keeper.h"

namespace decant::worker {

/// What a worker works with. All outlive it.
struct Parts {
  tasks::TaskQueue& queue;
  tasks::ObjectStore& objects;
  tasks::Broker& broker;
  tasks::Converter& converter;
  tasks::WorkObserver& observer;
  const Clock& clock;
  Logger& logger;
};

struct AttemptOptions {
  std::filesystem::path
      spool_folder;  ///< for results on their way; on the file system of a file: object store nothing is copied
  /// A conversion's time limit is base + factor × the source's duration, at most the longest; the longest where the
  /// duration is unknown.
  std::chrono::milliseconds time_limit_base = std::chrono::minutes(2);
  double time_limit_factor = 1.0;
  std::chrono::milliseconds time_limit_longest = std::chrono::hours(6);
  tasks::Backoff backoff;  ///< before a failed task is tried again
  std::chrono::milliseconds settle_pause =
      std::chrono::milliseconds(250);  ///< between tries to tell the database what became of it
  std::chrono::milliseconds settle_longest = std::chrono::seconds(60);  ///< all these tries together
  SpanSink spans = {};                                                  ///< hears of the attempt and its steps
};

/// How an attempt ended, as the database knows it.
enum class Outcome {
  processed,   ///< the result stands
  retried,     ///< failed, to be tried again
  failed,      ///< failed for good
  given_back,  ///< the worker drains, or the object store is away: no attempt was spent
  lost,        ///< the task was taken away: nothing was changed
  unknown,     ///< the database did not answer: its row and the sweep decide
};

[[nodiscard]] std::string_view to_string(Outcome outcome);

/// One attempt at a claimed task: fetch, convert, hash, put, commit; or the failure told to the database. One thread,
/// used once.
class Attempt {
 public:
  /// The references outlive it. `keeper` holds the lease `lease`.
  Attempt(const AttemptOptions& options, const Parts& parts, const LeaseKeeper& keeper, const tasks::Claim& claim,
          Lease& lease)
      : options_(options),
        parts_(parts),
        keeper_(keeper),
        task_(claim.task),
        lease_(lease),
        started_(parts.clock.steady_now()),
        spans_(options.spans, claim.task, parts.clock) {}

  /// Blocks for as long as the conversion takes.
  Outcome run();

 private:
  struct Made {
    tasks::StoredFile file;
    std::string report;
    tasks::AudioTime duration{};
  };
  /// What the database said about a change of the row, in the end.
  struct Answer {
    Result<bool> value;
    bool is_repeated = false;  ///< an earlier try had no answer: it may have been carried out
  };

  Outcome make_and_settle();
  Result<Made> make_result();
  /// The answer of the object store, and remembers whether there was one.
  template <class T>
  Result<T> from_store(Result<T> answer) {
    is_store_away_ = !answer && answer.error().code == ErrorCode::unavailable;
    return answer;
  }
  struct Inputs {
    Descriptor source;
    Descriptor cover;  ///< -1 where the task has none or shall have no pictures
  };
  Result<Inputs> fetch_inputs();
  Result<void> store_artifacts(const SpoolFile& extras, const std::vector<tasks::Artifact>& artifacts,
                               const std::string& result_key);
  [[nodiscard]] std::chrono::milliseconds time_limit() const;
  Outcome commit(const Made& made);
  Outcome settle_failure(const Error& error);
  Outcome give_back();
  /// The database said that the claim is not this worker's any more.
  Outcome lose();
  void tell_end(tasks::State result, tasks::AudioTime audio) const;
  Answer ask(std::string_view step, const std::function<Result<bool>()>& change);
  void remove_result(const std::string& key);

  const AttemptOptions& options_;
  const Parts& parts_;
  const LeaseKeeper& keeper_;
  const tasks::Task& task_;
  Lease& lease_;
  SteadyTime started_;
  AttemptSpans spans_;
  bool is_store_away_ = false;
  std::optional<ErrorCode> failure_;  ///< why there is no result
};

}  // namespace decant::worker
