#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "sandbox/engine_process.h"

namespace decant::sandbox {

/// How one job went: what its child said, and how it ended.
struct JobEnd {
  std::optional<std::string> result;  ///< what the child sent as result
  std::optional<std::string> error;   ///< or as error
  std::string noise;                  ///< what libraries wrote to standard error, bounded, for the log
  std::optional<JobStatus> status;    ///< none: the zygote died meanwhile
};

struct JobFiles {
  int input = -1;  ///< read-only
  int output = -1;
  int extras = -1;
  int cover = -1;  ///< read-only
};

/// Gives a job to the zygote and blocks until its child is gone. Calls the listener, where there is one, at most ten
/// times a second. `stop` kills the child. A failure means that the job was not started: the zygote is gone.
Result<JobEnd> run_job(const EngineProcess& engine, const JobSpec& job, const JobFiles& files,
                       const tasks::ProgressListener& on_progress, const std::stop_token& stop);

/// What to tell of a job that has no result to trust: the error that the child named, or what its end means.
[[nodiscard]] Error explain(const JobEnd& end, const JobSpec& job);

/// Whether the child ended as it should, so that its result counts.
[[nodiscard]] bool ended_well(const JobEnd& end);

}  // namespace decant::sandbox
