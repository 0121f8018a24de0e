#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audio/analysis/dynamic_range.h"
#include "audio/analysis/loudness.h"
#include "audio/analysis/silence.h"
#include "audio/analysis/spectrogram.h"
#include "audio/analysis/waveform.h"
#include "tasks/converter.h"

namespace decant::audio {

/// The analyses that a conversion was asked for, made of its sound as the source has it, after start and end.
class SoundAnalysis {
 public:
  explicit SoundAnalysis(const tasks::AnalysisOptions& options);

  /// Samples of any kind, which may change from one frame to the next.
  void add(const AVFrame& frame);

  struct Findings {
    std::string report;  ///< the JSON object "analysis" of tasks::ConversionResult::report
    std::vector<tasks::Artifact> artifacts;
  };
  /// Writes the artifacts to `extras`, a regular file, from its beginning. Once, after the last frame.
  Result<Findings> finish(int extras);

 private:
  FloatSamples samples_;
  std::optional<Waveform> waveform_;
  std::optional<Loudness> loudness_;
  std::optional<DynamicRange> dynamic_range_;
  std::optional<SilenceMap> silence_;
  std::optional<Spectrogram> spectrogram_;
  SilenceMap::Options silence_options_;
};

}  // namespace decant::audio
