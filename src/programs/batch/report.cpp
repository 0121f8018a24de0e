#include "programs/batch/report.h"

#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <cmath>
#include <cstdio>

#include "programs/fidelity_lines.h"
#include "programs/terminal.h"
#include "tasks/display_name.h"

namespace decant::programs::batch {
namespace {

namespace json = boost::json;

struct FateWords {
  std::string_view status;   ///< in JSON, and never changed
  std::string_view counter;  ///< in the summary's JSON
  std::string_view text;     ///< for people
};

/// In the order of Fate.
constexpr std::array<FateWords, fate_count> words = {{
    {"converted", "converted", "converted"},
    {"copied", "copied", "copied"},
    {"upToDate", "upToDate", "up to date"},
    {"planned", "planned", "to be done"},
    {"skipped", "skipped", "skipped"},
    {"failed", "failed", "failed"},
}};

const FateWords& words_of(Fate fate) { return words[static_cast<std::size_t>(fate)]; }

double in_seconds(std::chrono::duration<double> time) { return std::round(time.count() * 1000) / 1000; }

std::string describe(const Error& error) {
  return printable(error.message + (error.detail.empty() ? "" : " (" + error.detail + ")"));
}

void print_line(std::FILE* file, const std::string& line) {
  fmt::print(file, "{}\n", line);
  std::fflush(file);
}

}  // namespace

std::string to_json(const Outcome& outcome) {
  json::object line{{"input", tasks::to_utf8(outcome.input)}};
  if (!outcome.output.empty()) line["output"] = tasks::to_utf8(outcome.output);
  line["status"] = words_of(outcome.fate).status;
  if (!outcome.reason.empty()) line["reason"] = outcome.reason;
  if (outcome.error) {
    line["error"] = {{"code", to_string(outcome.error->code)}, {"message", tasks::to_utf8(outcome.error->message)}};
  }
  if (outcome.result) {
    line["duration"] = in_seconds(outcome.result->duration);
    line["elapsed"] = in_seconds(outcome.elapsed);
    json::error_code error;
    json::value report = json::parse(outcome.result->report, error);
    if (!error) line["report"] = std::move(report);
  }
  return json::serialize(line);
}

void Report::add(const Outcome& outcome) {
  const std::string line = told_ == ConvertCommand::Output::json ? to_json(outcome) : std::string();
  const std::lock_guard lock(mutex_);
  ++counts_[static_cast<std::size_t>(outcome.fate)];
  if (outcome.result) audio_ += outcome.result->duration;
  if (told_ == ConvertCommand::Output::json) {
    print_line(stdout, line);
  } else {
    print_text(outcome);
  }
}

void Report::print_text(const Outcome& outcome) {
  if (outcome.fate == Fate::planned) {
    print_line(stdout, fmt::format("{} -> {}", printable(outcome.input), printable(outcome.output)));
  }
  if (outcome.error) complaints_.push_back(printable(outcome.input) + ": " + describe(*outcome.error));
  if (!outcome.result || told_ == ConvertCommand::Output::quiet) return;
  const FidelityLines fidelity = read_fidelity(outcome.result->report);
  const auto complain = [&](const std::string& complaint) {
    complaints_.push_back(printable(outcome.input) + ": " + complaint);
  };
  if (!fidelity.missing.empty()) complain(fidelity.missing);
  for (const std::string& lost : fidelity.lost) complain(lost);
}

bool Report::finish() {
  const std::lock_guard lock(mutex_);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started_;
  if (told_ == ConvertCommand::Output::json) {
    json::object summary;
    for (std::size_t i = 0; i < fate_count; ++i) summary[words[i].counter] = counts_[i];
    summary["duration"] = in_seconds(audio_);
    summary["elapsed"] = in_seconds(elapsed);
    print_line(stdout, json::serialize(json::object{{"summary", std::move(summary)}}));
  } else {
    for (const std::string& complaint : complaints_) print_line(stderr, "decant: " + complaint);
    if (told_ == ConvertCommand::Output::text) print_summary(elapsed);
  }
  return counts_[static_cast<std::size_t>(Fate::failed)] > 0;
}

void Report::print_summary(std::chrono::duration<double> elapsed) const {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < fate_count; ++i) {
    if (counts_[i] > 0) parts.push_back(fmt::format("{} {}", counts_[i], words[i].text));
  }
  std::string line = parts.empty() ? "nothing to convert" : fmt::format("{}", fmt::join(parts, ", "));
  if (audio_.count() > 0) {
    line += fmt::format("; {} of audio in {:.1f} s ({:.0f}x)",
                        format_clock(std::chrono::duration_cast<std::chrono::milliseconds>(audio_)), elapsed.count(),
                        audio_ / elapsed);
  }
  print_line(stderr, line);
}

}  // namespace decant::programs::batch
