#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <stop_token>
#include <thread>

#include "programs/batch/audio_names.h"
#include "programs/batch/run.h"
#include "programs/commands.h"
#include "programs/convert_paths.h"
#include "programs/engine.h"
#include "programs/exit_status.h"
#include "programs/fidelity_lines.h"
#include "programs/input_file.h"
#include "programs/logging.h"
#include "programs/options.h"
#include "programs/output_file.h"
#include "programs/stop_signals.h"
#include "programs/terminal.h"

namespace decant::programs {
namespace {

using std::chrono::milliseconds;

Result<tasks::ConversionOptions> read_options(const ConvertCommand& command) {
  tasks::ConversionOptions options;
  for (const auto& [name, text] : command.options) DECANT_CHECK(tasks::set_option(options, name, text));
  DECANT_CHECK(options.analysis.set_wanted(command.analysis.names));
  return options;
}

Result<const tasks::TargetFormat*> find_format(const std::string& name, const tasks::FormatCatalog& formats) {
  if (name.empty()) {
    return failure(ErrorCode::invalid_argument,
                   "which format? Give --to, or an output file with one of the extensions: " + formats.target_names());
  }
  if (const tasks::TargetFormat* format = formats.find_target(name)) return format;
  return failure(ErrorCode::invalid_argument,
                 fmt::format("{} is no format that can be written; there are {}", name, formats.target_names()));
}

/// What is to be done, checked.
struct Request {
  ConvertPaths paths;
  const tasks::TargetFormat* format = nullptr;
  tasks::ConversionOptions options;
  Descriptor cover;  ///< none: not open
};

Result<Descriptor> open_cover(const std::string& path, const tasks::CoverLimits& limits) {
  if (path.empty()) return Descriptor();
  auto file = open_for_reading(path);
  const Result<void> checked = file ? tasks::check_cover(file->get(), limits) : Result<void>(Failure(file.error()));
  if (checked) return file;
  return failure(checked.error().code, path + ": " + checked.error().message, checked.error().detail);
}

/// A ZIP archive shall not look like the format of what is in it.
Result<void> check_output_name(const Request& request) {
  const std::string& output = request.paths.output;
  if (request.paths.to != ConvertPaths::To::file || output == "-") return {};
  const tasks::ResultKind kind = tasks::result_kind(*request.format, request.options);
  if (kind.extension != "zip" || batch::extension_of(output) == kind.extension) return {};
  return failure(ErrorCode::invalid_argument,
                 fmt::format("--chapters split makes a ZIP archive: end {} in .zip, and give --to", output));
}

Result<Request> read_request(const ConvertCommand& command, const Settings& settings,
                             const tasks::FormatCatalog& formats) {
  Request request;
  DECANT_TRY(request.options, read_options(command));
  if (!command.target.empty()) {
    DECANT_TRY(request.format, find_format(command.target, formats));
  }
  DECANT_TRY(request.paths, read_convert_paths(command.paths, request.format, command.folders, look_at_path));
  if (request.format == nullptr) {
    const bool tells = request.paths.to == ConvertPaths::To::file;
    DECANT_TRY(request.format,
               find_format(tells ? std::filesystem::path(request.paths.output).extension().string() : "", formats));
  }
  DECANT_CHECK(tasks::check_options(request.options, *request.format));
  DECANT_CHECK(check_output_name(request));
  DECANT_TRY(request.cover, open_cover(command.cover, cover_limits(settings)));
  return request;
}

void tell(const ConvertCommand& command, const std::string& output, const tasks::ConversionResult& result,
          SteadyTime started) {
  if (command.told == ConvertCommand::Output::json) {
    fmt::print(output == "-" ? stderr : stdout, "{}\n", result.report);
    return;
  }
  if (command.told == ConvertCommand::Output::quiet) return;
  const FidelityLines fidelity = read_fidelity(result.report);
  for (const auto* lines : {&fidelity.notes, &fidelity.dropped, &fidelity.lost}) {
    for (const std::string& line : *lines) fmt::print(stderr, "decant: {}\n", line);
  }
  for (const std::string& line : analysis_lines(result.report)) fmt::print(stderr, "{}\n", line);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  const std::chrono::duration<double> audio = result.duration;
  fmt::print(stderr, "{}: {} of audio at {} Hz in {:.2f} s ({:.0f}x)\n", output == "-" ? "standard output" : output,
             format_clock(std::chrono::duration_cast<milliseconds>(result.duration)), result.sample_rate,
             elapsed.count(), audio.count() / elapsed.count());
}

/// What the steps of a conversion need of the program around them.
struct Surroundings {
  tasks::Converter& converter;
  const Settings& settings;
  std::stop_token stop;
};

Result<int> convert_file(const ConvertCommand& command, const Request& request, const Surroundings& around) {
  const SteadyTime started = std::chrono::steady_clock::now();
  const std::string& output_path = request.paths.output;
  if (output_path == "-" && is_terminal(STDOUT_FILENO)) {
    return failure(ErrorCode::invalid_argument, "audio is not written to a terminal; redirect standard output");
  }
  DECANT_TRY(const Descriptor input, open_input(request.paths.inputs.front()));
  const auto existing = command.existing == ConvertCommand::Existing::replace ? OutputFile::Existing::replace
                                                                              : OutputFile::Existing::refuse;
  DECANT_TRY(OutputFile output, OutputFile::make(output_path, existing, input.get()));
  DECANT_TRY(AnalysisFiles analyses, AnalysisFiles::make(command.analysis, existing, input.get()));
  if (command.action == ConvertCommand::Action::show_plan) {
    batch::Report(command.told)
        .add({.fate = batch::Fate::planned, .input = request.paths.inputs.front(), .output = output_path});
    return exit_ok;
  }

  std::optional<ProgressLine> progress;
  if (command.told == ConvertCommand::Output::text && is_terminal(STDERR_FILENO)) {
    progress.emplace([&] {
      const auto media = around.converter.probe(input.get());
      return media && media->duration ? std::optional(std::chrono::duration_cast<milliseconds>(*media->duration))
                                      : std::nullopt;
    });
  }
  const tasks::ConversionJob job{
      input.get(),       output.descriptor(), request.format->name, request.options, around.settings.conversion_timeout,
      analyses.extras(), request.cover.get()};
  auto result = around.converter.convert(
      job,
      [&progress](double part) {
        if (progress) progress->show(part);
      },
      around.stop);
  progress.reset();
  if (!result) return Failure(std::move(result).error());
  DECANT_CHECK(output.publish());
  DECANT_CHECK(analyses.publish(result->artifacts));
  tell(command, output_path, *result, started);
  return exit_ok;
}

batch::BatchOptions::Replace what_to_replace(const ConvertCommand& command, const ConvertPaths& paths) {
  using enum batch::BatchOptions::Replace;
  if (command.existing == ConvertCommand::Existing::replace) return all;
  return paths.to == ConvertPaths::To::folder ? older : own;
}

Result<int> convert_batch(const ConvertCommand& command, const Request& request, int jobs, const Surroundings& around) {
  const auto others = command.others == ConvertCommand::Others::copy ? batch::PlanOptions::Others::copy
                                                                     : batch::PlanOptions::Others::skip;
  if (others == batch::PlanOptions::Others::copy && request.paths.to != ConvertPaths::To::folder) {
    return failure(ErrorCode::invalid_argument, "--copy-others needs an output folder");
  }
  if (!command.analysis.waveform.empty() || !command.analysis.spectrogram.empty()) {
    return failure(ErrorCode::invalid_argument, "--waveform and --spectrogram go with one file");
  }
  DECANT_TRY(const batch::Listing listing, batch::list_files(request.paths.inputs, request.paths.output));
  DECANT_TRY(const batch::Plan plan,
             batch::make_plan(listing, {tasks::result_kind(*request.format, request.options).extension,
                                        request.paths.output, others}));
  const batch::BatchOptions options{request.format->name,
                                    request.options,
                                    around.settings.conversion_timeout,
                                    what_to_replace(command, request.paths),
                                    jobs,
                                    request.cover.get()};
  batch::Report report(command.told);
  for (const batch::UnreadableFile& file : listing.unreadable) {
    report.add({.fate = batch::Fate::failed, .input = file.path, .error = file.error});
  }
  for (const batch::SkippedFile& file : plan.skipped) {
    report.add({.fate = batch::Fate::skipped, .input = file.path, .reason = file.reason});
  }
  const std::vector<batch::PlannedFile> work = batch::choose_work(plan, options, report);
  if (command.action == ConvertCommand::Action::show_plan) {
    for (const batch::PlannedFile& file : work) {
      report.add({.fate = batch::Fate::planned, .input = file.input.path, .output = file.output});
    }
  } else {
    std::optional<batch::Progress> progress;
    if (command.told == ConvertCommand::Output::text && is_terminal(STDERR_FILENO)) progress.emplace(work);
    batch::run(work, options, around.converter, report, progress ? &*progress : nullptr, around.stop);
  }
  const bool any_failed = report.finish();
  if (around.stop.stop_requested()) return failure(ErrorCode::canceled, "stopped before the end");
  return any_failed ? exit_failed : exit_ok;
}

/// Files at once. Left to decant, it is one more than cores compute: while that one waits for the disk or for its
/// child to end, none is idle. The engine's tokens hold the rest to the cores.
int count_jobs(const ConvertCommand& command) {
  return command.jobs > 0 ? command.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency())) + 1;
}

/// Children of the engine that are worth keeping ready.
int count_spares(const ConvertCommand& command, int jobs) {
  const bool is_batch = command.folders == ConvertCommand::Folders::enter || command.paths.size() > 2;
  return is_batch ? jobs : 0;
}

}  // namespace

int run(const ConvertCommand& command, const LoadedSettings& settings) {
  StopSignals::block();
  Logger logger = make_quiet_logger(settings);
  const int jobs = count_jobs(command);
  auto converter = start_engine(settings.values, tasks::ConverterDuty::everything, count_spares(command, jobs), logger);
  if (!converter) return report_failure(converter.error());

  std::stop_source stop;
  std::atomic<int> stopped_by = 0;
  const StopSignals signals([&](int signal) {
    stopped_by = signal;
    stop.request_stop();
  });
  const Surroundings around{**converter, settings.values, stop.get_token()};
  const auto status = [&]() -> Result<int> {
    DECANT_TRY(const Request request, read_request(command, around.settings, around.converter.formats()));
    return request.paths.to == ConvertPaths::To::file ? convert_file(command, request, around)
                                                      : convert_batch(command, request, jobs, around);
  }();
  if (stopped_by != 0 && !status) return exit_by_signal + stopped_by;
  return status ? *status : report_failure(status.error());
}

}  // namespace decant::programs
