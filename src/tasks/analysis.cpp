#include "tasks/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace decant::tasks {
namespace {

struct Row {
  Analysis analysis;
  std::string_view name;
};
using enum Analysis;
constexpr std::array rows = {Row{waveform, "waveform"}, Row{loudness, "loudness"}, Row{silence, "silence"},
                             Row{spectrogram, "spectrogram"}};

}  // namespace

std::string_view to_string(Analysis analysis) { return rows.at(static_cast<std::size_t>(analysis)).name; }

std::optional<Analysis> find_analysis(std::string_view name) {
  const auto* row = std::ranges::find(rows, name, &Row::name);
  if (row == rows.end()) return std::nullopt;
  return row->analysis;
}

std::string analysis_names() {
  std::string names;
  for (const Row& row : rows) {
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names;
}

bool AnalysisOptions::wants(Analysis analysis) const { return std::ranges::find(wanted, analysis) != wanted.end(); }

Result<void> AnalysisOptions::set_wanted(std::span<const std::string> names) {
  std::vector<Analysis> asked;
  for (const std::string& name : names) {
    const auto analysis = find_analysis(name);
    if (!analysis) return failure(ErrorCode::invalid_argument, "expected a list of " + analysis_names());
    asked.push_back(*analysis);
  }
  std::ranges::sort(asked);
  asked.erase(std::ranges::unique(asked).begin(), asked.end());
  wanted = std::move(asked);
  return {};
}

std::vector<std::string> AnalysisOptions::wanted_names() const {
  std::vector<std::string> names;
  for (const Analysis analysis : wanted) names.emplace_back(to_string(analysis));
  return names;
}

std::vector<FieldError> find_mistakes(const AnalysisOptions& options) {
  struct Detail {
    std::string_view name;
    bool is_set;
    Analysis of;
  };
  const std::array details = {
      Detail{"samplesPerPixel", options.samples_per_pixel.has_value(), waveform},
      Detail{"pixelsPerSecond", options.pixels_per_second.has_value(), waveform},
      Detail{"waveformBits", options.waveform_bits.has_value(), waveform},
      Detail{"silenceThreshold", options.silence_threshold.has_value(), silence},
      Detail{"silenceDuration", options.silence_duration.has_value(), silence},
      Detail{"spectrogramWidth", options.spectrogram_width.has_value(), spectrogram},
      Detail{"spectrogramHeight", options.spectrogram_height.has_value(), spectrogram},
  };
  std::vector<FieldError> mistakes;
  for (const Detail& detail : details) {
    if (detail.is_set && !options.wants(detail.of)) {
      mistakes.push_back({std::string(detail.name), fmt::format("needs the analysis {}", to_string(detail.of))});
    }
  }
  if (options.samples_per_pixel && options.pixels_per_second) {
    mistakes.push_back({"pixelsPerSecond", "give either samplesPerPixel or pixelsPerSecond, not both"});
  }
  if (options.waveform_bits && *options.waveform_bits != 8 && *options.waveform_bits != 16) {
    mistakes.push_back({"waveformBits", "must be 8 or 16"});
  }
  return mistakes;
}

}  // namespace decant::tasks
