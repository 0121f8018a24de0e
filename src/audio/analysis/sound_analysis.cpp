#include "audio/analysis/sound_analysis.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cmath>

#include "audio/analysis/png.h"

namespace decant::audio {

namespace json = boost::json;

namespace {

using tasks::Analysis;

double in_seconds(tasks::AudioTime time) { return static_cast<double>(time.count()) / 1e6; }

/// To hundredths, the most that any of the measures is good for.
json::value rounded(std::optional<double> number) {
  if (!number) return nullptr;
  return std::round(*number * 100) / 100;
}

Result<void> write_at(int file, ByteCount position, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), position);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure(errno, "write what the analysis made");
    position += written;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

/// Puts artifacts into a file one behind the other.
class ArtifactWriter {
 public:
  explicit ArtifactWriter(int file) : file_(file) {}

  Result<void> append(Analysis analysis, const std::vector<std::uint8_t>& bytes) {
    const auto size = static_cast<ByteCount>(bytes.size());
    DECANT_CHECK(write_at(file_, end_, bytes));
    artifacts_.push_back({analysis, end_, size});
    end_ += size;
    return {};
  }
  [[nodiscard]] std::vector<tasks::Artifact> take() { return std::move(artifacts_); }

 private:
  int file_;
  ByteCount end_ = 0;
  std::vector<tasks::Artifact> artifacts_;
};

json::object describe(const Loudness& loudness, std::optional<double> dynamic_range) {
  const Loudness::Values values = loudness.measure();
  return {{"integrated", rounded(values.integrated)},
          {"range", rounded(values.range)},
          {"truePeak", rounded(values.true_peak)},
          {"samplePeak", rounded(values.sample_peak)},
          {"dynamicRange", rounded(dynamic_range)}};
}

json::object describe(const SilenceMap& map, const SilenceMap::Options& options) {
  json::array ranges;
  for (const SilenceMap::Range& range : map.ranges()) {
    ranges.push_back(json::object{{"start", in_seconds(range.begin)}, {"end", in_seconds(range.end)}});
  }
  return {{"threshold", options.threshold},
          {"duration", in_seconds(options.shortest)},
          {"count", map.count()},
          {"total", in_seconds(map.total())},
          {"ranges", std::move(ranges)}};
}

}  // namespace

SoundAnalysis::SoundAnalysis(const tasks::AnalysisOptions& options) {
  if (options.wants(Analysis::waveform)) {
    Waveform::Options waveform{.samples_per_pixel = options.samples_per_pixel,
                               .pixels_per_second = options.pixels_per_second};
    waveform.bits = options.waveform_bits.value_or(waveform.bits);
    waveform_.emplace(waveform);
  }
  if (options.wants(Analysis::loudness)) {
    loudness_.emplace();
    dynamic_range_.emplace();
  }
  if (options.wants(Analysis::silence)) {
    silence_options_.threshold = options.silence_threshold.value_or(silence_options_.threshold);
    silence_options_.shortest = options.silence_duration.value_or(silence_options_.shortest);
    silence_.emplace(silence_options_);
  }
  if (options.wants(Analysis::spectrogram)) {
    Spectrogram::Options picture;
    picture.width = options.spectrogram_width.value_or(picture.width);
    picture.height = options.spectrogram_height.value_or(picture.height);
    spectrogram_.emplace(picture);
  }
}

void SoundAnalysis::add(const AVFrame& frame) {
  const FloatBlock block = samples_.read(frame);
  if (waveform_) waveform_->add(block);
  if (loudness_) loudness_->add(block);
  if (dynamic_range_) dynamic_range_->add(block);
  if (silence_) silence_->add(block);
  if (spectrogram_) spectrogram_->add(block);
}

Result<SoundAnalysis::Findings> SoundAnalysis::finish(int extras) {
  json::object report;
  ArtifactWriter writer(extras);
  if (loudness_) report["loudness"] = describe(*loudness_, dynamic_range_->finish());
  if (silence_) {
    silence_->finish();
    report["silence"] = describe(*silence_, silence_options_);
  }
  if (waveform_) {
    waveform_->finish();
    DECANT_CHECK(writer.append(Analysis::waveform, waveform_->to_dat()));
    report["waveform"] =
        json::object{{"samplesPerPixel", waveform_->samples_per_pixel()}, {"pixels", waveform_->pixels()}};
  }
  if (spectrogram_) {
    DECANT_TRY(const auto png, make_heat_png(spectrogram_->finish(), spectrogram_->width()));
    DECANT_CHECK(writer.append(Analysis::spectrogram, png));
    report["spectrogram"] = json::object{{"width", spectrogram_->width()},
                                         {"height", spectrogram_->height()},
                                         {"highestFrequency", spectrogram_->highest_frequency()},
                                         {"floor", Spectrogram::floor_decibels},
                                         {"ceiling", Spectrogram::ceiling_decibels}};
  }
  return Findings{json::serialize(report), writer.take()};
}

}  // namespace decant::audio
