#pragma once

#include <stop_token>

#include "programs/batch/plan.h"
#include "programs/batch/progress.h"
#include "programs/batch/report.h"
#include "programs/output_file.h"
#include "tasks/converter.h"

namespace decant::programs::batch {

/// What all files of a batch have in common.
struct BatchOptions {
  std::string target;  ///< TargetFormat::name
  tasks::ConversionOptions options;
  std::chrono::milliseconds time_limit{};
  enum class Replace {
    own,    ///< outputs that decant made
    older,  ///< those, and others that are older than their input
    all,    ///< every one, also what is up to date
  };
  Replace replace = Replace::own;
  int jobs = 1;    ///< files at once
  int cover = -1;  ///< as tasks::ConversionJob::cover
};

/// The files of the plan that are to be made, the longest first, so that none is left alone at the end. Outputs
/// that are up to date, and those that may not be replaced, go to the report. Blocks.
[[nodiscard]] std::vector<PlannedFile> choose_work(const Plan& plan, const BatchOptions& options, Report& report);

/// Makes them, `options.jobs` at once; a failure ends only its own file. Returns when all are done, or soon after
/// `stop`, which leaves no incomplete output. `progress` may be null.
void run(const std::vector<PlannedFile>& work, const BatchOptions& options, tasks::Converter& converter, Report& report,
         Progress* progress, const std::stop_token& stop);

}  // namespace decant::programs::batch
