#include "programs/analysis_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>

#include "tasks/waveform.h"

namespace decant::programs {

Result<AnalysisFiles> AnalysisFiles::make(const AnalysisRequest& request, OutputFile::Existing existing, int input) {
  AnalysisFiles files;
  if (!request.waveform.empty()) {
    const std::string extension = std::filesystem::path(request.waveform).extension().string();
    if (extension != ".json" && extension != ".dat") {
      return failure(ErrorCode::invalid_argument,
                     fmt::format("{}: a waveform is a .json or a .dat file", request.waveform));
    }
    files.waveform_as_ = extension == ".dat" ? WaveformAs::dat : WaveformAs::json;
    DECANT_TRY(OutputFile file, OutputFile::make(request.waveform, existing, input));
    files.waveform_.emplace(std::move(file));
  }
  if (!request.spectrogram.empty()) {
    DECANT_TRY(OutputFile file, OutputFile::make(request.spectrogram, existing, input));
    files.spectrogram_.emplace(std::move(file));
  }
  if (files.waveform_ || files.spectrogram_) {
    DECANT_TRY(files.extras_, SpoolFile::make(std::filesystem::temp_directory_path()));
  }
  return files;
}

Result<std::vector<std::byte>> AnalysisFiles::read(const std::vector<tasks::Artifact>& artifacts,
                                                   tasks::Analysis analysis) const {
  const auto artifact = std::ranges::find(artifacts, analysis, &tasks::Artifact::analysis);
  if (artifact == artifacts.end()) {
    return failure(ErrorCode::internal, fmt::format("the engine made no {}", to_string(analysis)));
  }
  return tasks::read_artifact(extras(), *artifact);
}

Result<void> AnalysisFiles::publish(const std::vector<tasks::Artifact>& artifacts) {
  if (waveform_) {
    DECANT_TRY(const auto dat, read(artifacts, tasks::Analysis::waveform));
    if (waveform_as_ == WaveformAs::dat) {
      DECANT_CHECK(write_all(waveform_->descriptor(), dat));
    } else {
      DECANT_TRY(const std::string json, tasks::waveform_json(dat));
      DECANT_CHECK(write_all(waveform_->descriptor(), std::as_bytes(std::span(json))));
    }
    DECANT_CHECK(waveform_->publish());
  }
  if (spectrogram_) {
    DECANT_TRY(const auto png, read(artifacts, tasks::Analysis::spectrogram));
    DECANT_CHECK(write_all(spectrogram_->descriptor(), png));
    DECANT_CHECK(spectrogram_->publish());
  }
  return {};
}

}  // namespace decant::programs
