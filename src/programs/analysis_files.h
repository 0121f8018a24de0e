#pragma once

#include <optional>
#include <string>
#include <vector>

#include "programs/output_file.h"
#include "tasks/converter.h"

namespace decant::programs {

/// What a command line asks to measure, and where to.
struct AnalysisRequest {
  std::vector<std::string> names;  ///< as AnalysisOptions::set_wanted takes them
  std::string waveform;            ///< a path that ends in .json or .dat; empty: none
  std::string spectrogram;         ///< a path; empty: none
};

/// The files that analyses make beside a conversion.
class AnalysisFiles {
 public:
  /// As OutputFile::make; invalid_argument for a waveform of another kind.
  static Result<AnalysisFiles> make(const AnalysisRequest& request, OutputFile::Existing existing, int input);

  /// For tasks::ConversionJob::extras.
  [[nodiscard]] int extras() const { return extras_ ? extras_->descriptor() : -1; }
  /// Writes the files of what was made. Once. Blocks.
  Result<void> publish(const std::vector<tasks::Artifact>& artifacts);

 private:
  AnalysisFiles() = default;
  Result<std::vector<std::byte>> read(const std::vector<tasks::Artifact>& artifacts, tasks::Analysis analysis) const;

  std::optional<SpoolFile> extras_;
  enum class WaveformAs { json, dat };
  WaveformAs waveform_as_ = WaveformAs::json;
  std::optional<OutputFile> waveform_;
  std::optional<OutputFile> spectrogram_;
};

/// The measures of a report for people, a line each; none where it has none. The report comes from the engine and is
/// not trusted.
[[nodiscard]] std::vector<std::string> analysis_lines(std::string_view report);

}  // namespace decant::programs
