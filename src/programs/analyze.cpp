#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <stop_token>

#include "programs/commands.h"
#include "programs/engine.h"
#include "programs/exit_status.h"
#include "programs/input_file.h"
#include "programs/logging.h"
#include "programs/stop_signals.h"
#include "programs/terminal.h"

namespace decant::programs {
namespace {

using std::chrono::milliseconds;

Result<tasks::ConversionOptions> read_options(const AnalyzeCommand& command) {
  tasks::ConversionOptions options;
  for (const auto& [name, text] : command.options) DECANT_CHECK(tasks::set_option(options, name, text));
  options.analysis.wanted = {tasks::Analysis::loudness, tasks::Analysis::silence};
  if (!command.analysis.names.empty()) DECANT_CHECK(options.analysis.set_wanted(command.analysis.names));
  DECANT_CHECK(tasks::check_analysis_options(options));
  return options;
}

void tell(const AnalyzeCommand& command, const tasks::ConversionResult& result) {
  if (command.told == AnalyzeCommand::Output::json) {
    fmt::print("{}\n", result.report);
    return;
  }
  fmt::print("duration:      {}\n", format_clock(std::chrono::duration_cast<milliseconds>(result.duration)));
  for (const std::string& line : analysis_lines(result.report)) fmt::print("{}\n", line);
}

Result<void> analyze(const AnalyzeCommand& command, tasks::Converter& converter, milliseconds time_limit,
                     std::stop_token stop) {
  DECANT_TRY(const tasks::ConversionOptions options, read_options(command));
  DECANT_TRY(const Descriptor input, open_input(command.input));
  DECANT_TRY(AnalysisFiles files, AnalysisFiles::make(command.analysis, command.existing, input.get()));
  std::optional<ProgressLine> progress;
  if (command.told == AnalyzeCommand::Output::text && is_terminal(STDERR_FILENO)) progress.emplace();
  const tasks::ConversionJob job{
      .input = input.get(), .options = options, .time_limit = time_limit, .extras = files.extras()};
  const auto result = converter.convert(
      job,
      [&progress](double part) {
        if (progress) progress->show(part);
      },
      std::move(stop));
  progress.reset();
  if (!result) return Failure(result.error());
  DECANT_CHECK(files.publish(result->artifacts));
  tell(command, *result);
  return {};
}

}  // namespace

int run(const AnalyzeCommand& command, const LoadedSettings& settings) {
  StopSignals::block();
  Logger logger = make_quiet_logger(settings);
  auto converter = start_engine(settings.values, tasks::ConverterDuty::everything, 0, logger);
  if (!converter) return report_failure(converter.error());

  std::stop_source stop;
  std::atomic<int> stopped_by = 0;
  const StopSignals signals([&](int signal) {
    stopped_by = signal;
    stop.request_stop();
  });
  const auto analyzed = analyze(command, **converter, settings.values.conversion_timeout, stop.get_token());
  if (analyzed) return exit_ok;
  if (stopped_by != 0) return exit_by_signal + stopped_by;
  return report_failure(analyzed.error());
}

}  // namespace decant::programs
