#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace decant::tasks {

/// A position in or a length of audio.
using AudioTime = std::chrono::microseconds;

/// What can be measured of the sound on its way through a conversion. The enumerators are the names of the API.
enum class Analysis {
  waveform,     ///< peaks for drawing, as a file (Artifact::waveform)
  loudness,     ///< EBU R 128 loudness and range, true and sample peak, dynamic range
  silence,      ///< where nothing is heard
  spectrogram,  ///< a picture, as a file (Artifact::spectrogram)
};

[[nodiscard]] std::string_view to_string(Analysis analysis);
[[nodiscard]] std::optional<Analysis> find_analysis(std::string_view name);
/// "waveform, loudness, …": for error messages.
[[nodiscard]] std::string analysis_names();

/// Which analyses are made, and how. What is not set has the engine's default.
struct AnalysisOptions {
  std::vector<Analysis> wanted;               ///< in the order of the enumerators, each once
  std::optional<int> samples_per_pixel;       ///< of the waveform; excludes pixels_per_second
  std::optional<int> pixels_per_second;       ///< of the waveform
  std::optional<int> waveform_bits;           ///< of a peak: 8 or 16
  std::optional<double> silence_threshold;    ///< dBFS, below which every channel stays
  std::optional<AudioTime> silence_duration;  ///< shorter silence is not listed
  std::optional<int> spectrogram_width;       ///< pixels
  std::optional<int> spectrogram_height;      ///< pixels

  [[nodiscard]] bool wants(Analysis analysis) const;
  /// Whether anything wanted comes as an Artifact.
  [[nodiscard]] bool makes_files() const { return wants(Analysis::waveform) || wants(Analysis::spectrogram); }
  /// invalid_argument where the name is none.
  Result<void> set_wanted(std::span<const std::string> names);
  [[nodiscard]] std::vector<std::string> wanted_names() const;

  friend bool operator==(const AnalysisOptions&, const AnalysisOptions&) = default;
};

/// One FieldError for each option that does not go with the others, or that nothing that is wanted takes.
[[nodiscard]] std::vector<FieldError> find_mistakes(const AnalysisOptions& options);

}  // namespace decant::tasks
