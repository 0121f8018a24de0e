#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <stop_token>

#include "programs/commands.h"
#include "programs/engine.h"
#include "programs/exit_status.h"
#include "programs/input_file.h"
#include "programs/logging.h"
#include "programs/output_file.h"
#include "programs/stop_signals.h"
#include "programs/terminal.h"

namespace decant::programs {
namespace {

namespace json = boost::json;

using std::chrono::milliseconds;

Result<tasks::ConversionOptions> read_options(const ConvertCommand& command) {
  tasks::ConversionOptions options;
  for (const auto& [name, text] : command.options) DECANT_CHECK(tasks::set_option(options, name, text));
  return options;
}

Result<const tasks::TargetFormat*> find_format(const ConvertCommand& command, const tasks::FormatCatalog& formats) {
  const std::string name =
      command.target.empty() ? std::filesystem::path(command.output).extension().string() : command.target;
  if (name.empty()) {
    return failure(ErrorCode::invalid_argument,
                   "which format? Give --to, or an output file with one of the extensions: " + formats.target_names());
  }
  if (const tasks::TargetFormat* format = formats.find_target(name)) return format;
  return failure(ErrorCode::invalid_argument,
                 fmt::format("{} is no format that can be written; there are {}", name, formats.target_names()));
}

/// The text of a field as people may see it; empty when it has none.
std::string find_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? printable(value->get_string()) : std::string();
}

/// One line for each thing of the report that was not kept, and for each of its notes.
void warn_of_losses(const json::object& report) {
  if (const json::value* notes = report.if_contains("notes"); notes != nullptr && notes->is_array()) {
    for (const json::value& note : notes->get_array()) {
      if (note.is_string()) fmt::print(stderr, "decant: {}\n", printable(note.get_string()));
    }
  }
  for (const char* kind : {"tags", "pictures", "chapters"}) {
    const json::value* entries = report.if_contains(kind);
    if (entries == nullptr || !entries->is_array()) continue;
    for (const json::value& entry : entries->get_array()) {
      const json::object* fields = entry.if_object();
      if (fields == nullptr || find_text(*fields, "fate") != "dropped") continue;
      const std::string name = find_text(*fields, "name");
      const std::string why = find_text(*fields, "why");
      fmt::print(stderr, "decant: dropped from {}{}{}\n", kind, name.empty() ? "" : ": " + name,
                 why.empty() ? "" : " (" + why + ")");
    }
  }
  const json::value* losses = report.if_contains("losses");
  if (losses == nullptr || !losses->is_array()) return;
  for (const json::value& loss : losses->get_array()) {
    const json::object* fields = loss.if_object();
    if (fields == nullptr) continue;
    json::error_code no_number;
    const json::value* position = fields->if_contains("position");
    const double seconds = position == nullptr ? 0 : position->to_number<double>(no_number);
    fmt::print(stderr, "decant: lost audio at {:.3f} s: {}\n", seconds, find_text(*fields, "reason"));
  }
}

void tell(const ConvertCommand& command, const tasks::ConversionResult& result, SteadyTime started) {
  if (command.told == ConvertCommand::Output::json) {
    fmt::print(command.output == "-" ? stderr : stdout, "{}\n", result.report);
    return;
  }
  if (command.told == ConvertCommand::Output::quiet) return;
  json::error_code error;
  const json::value report = json::parse(result.report, error);
  if (!error && report.is_object()) warn_of_losses(report.get_object());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  const std::chrono::duration<double> audio = result.duration;
  fmt::print(stderr, "{}: {} of audio at {} Hz in {:.2f} s ({:.0f}x)\n",
             command.output == "-" ? "standard output" : command.output,
             format_clock(std::chrono::duration_cast<milliseconds>(result.duration)), result.sample_rate,
             elapsed.count(), audio.count() / elapsed.count());
}

Result<void> convert(const ConvertCommand& command, tasks::Converter& converter, const Settings& settings,
                     std::stop_token stop) {
  const SteadyTime started = std::chrono::steady_clock::now();
  DECANT_TRY(const tasks::ConversionOptions options, read_options(command));
  DECANT_TRY(const tasks::TargetFormat* format, find_format(command, converter.formats()));
  DECANT_CHECK(tasks::check_options(options, *format));
  if (command.output == "-" && is_terminal(STDOUT_FILENO)) {
    return failure(ErrorCode::invalid_argument, "audio is not written to a terminal; redirect standard output");
  }
  DECANT_TRY(const Descriptor input, open_input(command.input));
  const auto existing = command.existing == ConvertCommand::Existing::replace ? OutputFile::Existing::replace
                                                                              : OutputFile::Existing::refuse;
  DECANT_TRY(OutputFile output, OutputFile::make(command.output, existing, input.get()));

  std::optional<ProgressLine> progress;
  if (command.told == ConvertCommand::Output::text && is_terminal(STDERR_FILENO)) {
    DECANT_TRY(const tasks::MediaInfo media, converter.probe(input.get()));
    progress.emplace(media.duration ? std::optional(std::chrono::duration_cast<milliseconds>(*media.duration))
                                    : std::nullopt);
  }
  const tasks::ConversionJob job{input.get(), output.descriptor(), format->name, options, settings.conversion_timeout};
  auto result = converter.convert(
      job,
      [&progress](double part) {
        if (progress) progress->show(part);
      },
      std::move(stop));
  progress.reset();
  if (!result) return Failure(std::move(result).error());
  DECANT_CHECK(output.publish());
  tell(command, *result, started);
  return {};
}

}  // namespace

int run(const ConvertCommand& command, const LoadedSettings& settings) {
  StopSignals::block();
  Logger logger = make_quiet_logger(settings);
  auto converter = start_engine(settings.values, 1, logger);
  if (!converter) return report_failure(converter.error());

  std::stop_source stop;
  std::atomic<int> stopped_by = 0;
  const StopSignals signals([&](int signal) {
    stopped_by = signal;
    stop.request_stop();
  });
  const auto converted = convert(command, **converter, settings.values, stop.get_token());
  if (converted) return exit_ok;
  if (stopped_by != 0) return exit_by_signal + stopped_by;
  return report_failure(converted.error());
}

}  // namespace decant::programs
