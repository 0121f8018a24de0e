#include "sandbox/engine_converter.h"

#include <fmt/ranges.h>

#include "sandbox/job_run.h"
#include "sandbox/supervisor.h"

namespace decant::sandbox {
namespace {

/// The same file with a descriptor that cannot write, at offset 0, whatever the caller's can.
Result<Descriptor> reopen_for_reading(int file) { return open_for_reading(fmt::format("/proc/self/fd/{}", file)); }

/// Whether the file has what the child says to have written to it.
bool are_within(std::span<const tasks::Artifact> artifacts, int file) {
  if (artifacts.empty()) return true;
  const auto size = file_size(file);
  return size && std::ranges::all_of(artifacts, [&](const tasks::Artifact& artifact) {
           return artifact.offset + artifact.size <= *size;
         });
}

void tell_layers(const Layers& layers, Logger& log) {
  std::vector<std::string_view> active;
  for (const Layer& layer : layers) {
    if (layer.active) {
      active.push_back(layer.name);
    } else {
      log.warning("the sandbox goes without a layer", {{"layer", layer.name}, {"reason", layer.why}});
    }
  }
  log.info("the engine is ready", {{"sandbox", fmt::format("{}", fmt::join(active, ", "))}});
}

}  // namespace

Result<std::unique_ptr<EngineConverter>> EngineConverter::start(EngineOptions options, Logger& log) {
  DECANT_TRY(auto supervisor, Supervisor::start(options, log));
  DECANT_TRY(tasks::FormatCatalog formats, tasks::parse_catalog_json(supervisor->first_hello().catalog));
  tell_layers(supervisor->first_hello().layers, log);
  return std::unique_ptr<EngineConverter>(
      new EngineConverter(std::move(options), std::move(supervisor), std::move(formats)));
}

EngineConverter::EngineConverter(EngineOptions options, std::unique_ptr<Supervisor> supervisor,
                                 tasks::FormatCatalog formats)
    : options_(std::move(options)), supervisor_(std::move(supervisor)), formats_(std::move(formats)) {}

EngineConverter::~EngineConverter() = default;

Result<JobEnd> EngineConverter::run(const JobSpec& job, const JobFiles& files,
                                    const tasks::ProgressListener& on_progress, const std::stop_token& stop) {
  if (stop.stop_requested()) return failure(ErrorCode::canceled, "the conversion was canceled");
  DECANT_TRY(const Supervisor::Engine engine, supervisor_->engine());
  auto end = run_job(*engine, job, files, on_progress, stop);
  if (end || end.error().code != ErrorCode::unavailable) return end;
  // The zygote died before it took the job, and the supervisor may not have seen it yet.
  DECANT_TRY(const Supervisor::Engine next, supervisor_->engine(engine));
  return run_job(*next, job, files, on_progress, stop);
}

Result<tasks::MediaInfo> EngineConverter::probe(int input) {
  DECANT_TRY(const Descriptor file, reopen_for_reading(input));
  const JobSpec job{JobSpec::Kind::probe, options_.probe_time_limit, {}, {}};
  DECANT_TRY(const JobEnd end, run(job, {file.get(), file.get(), file.get(), file.get()}, {}, {}));
  if (ended_well(end) && end.result) {
    if (auto info = tasks::parse_media_info_json(*end.result)) return info;
  }
  return Failure(explain(end, job));
}

Result<tasks::ConversionResult> EngineConverter::convert(const tasks::ConversionJob& job,
                                                         const tasks::ProgressListener& on_progress,
                                                         std::stop_token stop) {
  if (options_.duty == tasks::ConverterDuty::probes) {
    return failure(ErrorCode::internal, "this engine was started for probes alone");
  }
  DECANT_TRY(const Descriptor input, reopen_for_reading(job.input));
  Descriptor cover;
  if (job.cover >= 0) {
    DECANT_TRY(cover, reopen_for_reading(job.cover));
  }
  const bool has_limit = job.time_limit > std::chrono::milliseconds::zero();
  const JobSpec spec{JobSpec::Kind::convert, has_limit ? job.time_limit : options_.conversion_time_limit, job.target,
                     job.options, cover.is_open() ? JobSpec::Cover::given : JobSpec::Cover::none};
  // A child has all its descriptors: what the job has none for is the input again, which nobody can write to.
  const JobFiles files{input.get(), job.output < 0 ? input.get() : job.output,
                       job.extras < 0 ? input.get() : job.extras, cover.is_open() ? cover.get() : input.get()};
  DECANT_TRY(const JobEnd end, run(spec, files, on_progress, stop));
  if (ended_well(end) && end.result) {
    auto result = parse_result(*end.result);
    if (result && are_within(result->artifacts, job.extras)) return result;
  }
  Error error = explain(end, spec);
  const auto written = file_size(job.output);
  if (error.code == ErrorCode::quota_exceeded && written && *written >= options_.output_limit) {
    error = {ErrorCode::too_large,
             fmt::format("the result is larger than its limit of {} bytes", options_.output_limit), error.detail};
  }
  return Failure(std::move(error));
}

}  // namespace decant::sandbox
