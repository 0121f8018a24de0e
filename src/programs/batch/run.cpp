#include "programs/batch/run.h"

#include <atomic>
#include <set>
#include <thread>
#include <tuple>

#include "programs/batch/freshness.h"
#include "programs/input_file.h"

namespace decant::programs::batch {
namespace {

Failure refused_to_replace(const std::string& output) {
  return failure(ErrorCode::conflict,
                 output + " exists, is older than its input and was not made by decant; --force replaces it");
}

std::string source_of(const PlannedFile& file, const FileVersion& version, const BatchOptions& options) {
  const bool is_copy = file.work == PlannedFile::Work::copy;
  if (is_copy) return describe_source(version, "copy", {});
  std::string source = describe_source(version, options.target, options.options);
  if (const auto cover = find_status(options.cover))
    source += fmt::format(" cover {} {}", cover->version.modified, cover->version.size);
  return source;
}

bool may_replace(Freshness freshness, BatchOptions::Replace replace) {
  return freshness != Freshness::foreign || replace != BatchOptions::Replace::own;
}

Result<void> make_folder_of(const std::string& output) {
  const std::filesystem::path folder = std::filesystem::path(output).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return system_failure(error.value(), "make the folder " + folder.string());
  return {};
}

/// Makes one file after another of those that nobody has taken yet.
class Maker {
 public:
  Maker(const BatchOptions& options, tasks::Converter& converter, Progress* progress, const std::stop_token& stop)
      : options_(options), converter_(converter), progress_(progress), stop_(stop) {}

  Outcome make(const PlannedFile& file) {
    const SteadyTime started = std::chrono::steady_clock::now();
    Outcome outcome{.fate = Fate::copied, .input = file.input.path, .output = file.output};
    if (progress_ != nullptr) progress_->start(file);
    if (auto made = make_output(file, outcome); !made) {
      outcome.fate = Fate::failed;
      outcome.error = std::move(made).error();
    }
    outcome.elapsed = std::chrono::steady_clock::now() - started;
    if (progress_ != nullptr) {
      progress_->finish(file, outcome.result ? outcome.result->duration : tasks::AudioTime());
    }
    return outcome;
  }

 private:
  Result<void> make_output(const PlannedFile& file, Outcome& outcome) {
    DECANT_TRY(const Descriptor input, open_input(file.input.path));
    const auto before = find_status(input.get());
    DECANT_CHECK(make_folder_of(file.output));
    DECANT_TRY(OutputFile output, OutputFile::make(file.output, OutputFile::Existing::replace, input.get()));
    if (file.work == PlannedFile::Work::copy) {
      DECANT_CHECK(copy_to_descriptor(input.get(), output.descriptor()));
    } else {
      DECANT_TRY(outcome.result, convert(file, input.get(), output.descriptor()));
      outcome.fate = Fate::converted;
    }
    const auto after = find_status(input.get());
    if (!before || !after || before->version != after->version) {
      outcome.result.reset();
      return failure(ErrorCode::conflict, "it changed while it was read");
    }
    keep_record(output.descriptor(), source_of(file, before->version, options_));
    return output.publish();
  }

  Result<tasks::ConversionResult> convert(const PlannedFile& file, int input, int output) {
    const tasks::ConversionJob job{input, output,        options_.target, options_.options, options_.time_limit,
                                   -1,    options_.cover};
    tasks::ProgressListener on_progress;
    if (progress_ != nullptr) on_progress = [&](double part) { progress_->show(file, part); };
    return converter_.convert(job, on_progress, stop_);
  }

  const BatchOptions& options_;
  tasks::Converter& converter_;
  Progress* progress_;
  const std::stop_token& stop_;
};

}  // namespace

std::vector<PlannedFile> choose_work(const Plan& plan, const BatchOptions& options, Report& report) {
  std::set<FileId> inputs;
  for (const PlannedFile& file : plan.files) inputs.insert(file.input.id);
  std::vector<PlannedFile> work;
  for (const PlannedFile& file : plan.files) {
    const auto output = find_output(file.output);
    const Freshness freshness = judge(file.input.version, source_of(file, file.input.version, options), output);
    Outcome outcome{.fate = Fate::failed, .input = file.input.path, .output = file.output};
    if (output && inputs.contains(output->id)) {
      outcome.error = Error{ErrorCode::conflict, file.output + " is an input by another name"};
    } else if (freshness == Freshness::current && options.replace != BatchOptions::Replace::all) {
      outcome.fate = Fate::up_to_date;
    } else if (!may_replace(freshness, options.replace)) {
      outcome.error = refused_to_replace(file.output).error();
    } else {
      work.push_back(file);
      continue;
    }
    report.add(outcome);
  }
  std::ranges::sort(work, [](const PlannedFile& a, const PlannedFile& b) {
    return std::tie(b.length, a.output) < std::tie(a.length, b.output);
  });
  return work;
}

void run(const std::vector<PlannedFile>& work, const BatchOptions& options, tasks::Converter& converter, Report& report,
         Progress* progress, const std::stop_token& stop) {
  std::atomic<std::size_t> next = 0;
  const auto run_slot = [&] {
    Maker maker(options, converter, progress, stop);
    for (std::size_t i = next++; i < work.size() && !stop.stop_requested(); i = next++) {
      const Outcome outcome = maker.make(work[i]);
      // What was stopped has not failed: the next run makes it.
      if (!stop.stop_requested() || outcome.fate != Fate::failed) report.add(outcome);
    }
  };
  std::vector<std::jthread> slots;
  for (int i = 0; i < options.jobs; ++i) slots.emplace_back(run_slot);
}

}  // namespace decant::programs::batch
