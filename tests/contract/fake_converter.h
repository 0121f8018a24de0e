#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tasks/converter.h"

namespace decant::contract {

/// A Converter without an engine. Audio is what begins with "fake audio"; it is "converted" by writing the target's
/// name, and the cover, each with a colon behind it, before it. What begins with "fake silence" is a video without
/// sound (unprocessable). Thread-safe.
class FakeConverter final : public tasks::Converter {
 public:
  FakeConverter() {
    catalog_.targets = {
        {.name = "mp3",
         .title = "MP3",
         .extension = "mp3",
         .mime_type = "audio/mpeg",
         .bitrate = tasks::Range<int>{8000, 320000},
         .quality = tasks::Range<double>{0, 9},
         .quality_help = "0 is best",
         .default_encoding = "VBR V2",
         .sample_rates = {44100, 48000}},
        {.name = "wav",
         .title = "WAV",
         .extension = "wav",
         .aliases = {"wave"},
         .mime_type = "audio/wav",
         .lossless = true},
        {.name = "aac", .title = "AAC in M4A", .extension = "m4a", .mime_type = "audio/mp4"},
    };
    catalog_.sources = {"fake audio"};
  }

  [[nodiscard]] const tasks::FormatCatalog& formats() const override { return catalog_; }

  Result<tasks::MediaInfo> probe(int input) override {
    DECANT_TRY(const std::string content, read(input));
    if (content.starts_with("fake silence")) return failure(ErrorCode::unprocessable, "the file has no sound");
    if (!content.starts_with("fake audio")) return failure(ErrorCode::unsupported_media, "this is no audio");
    return tasks::MediaInfo{.container = "mp3",
                            .codec = "mp3",
                            .mime_type = "audio/mpeg",
                            .extension = "mp3",
                            .duration = std::chrono::seconds(5),
                            .sample_rate = 44100,
                            .channels = 2};
  }

  Result<tasks::ConversionResult> convert(const tasks::ConversionJob& job, const tasks::ProgressListener& on_progress,
                                          std::stop_token stop) override {
    DECANT_CHECK(probe(job.input));
    if (stop.stop_requested()) return failure(ErrorCode::canceled, "canceled");
    DECANT_TRY(std::string content, read(job.input));
    on_progress(0.5);
    if (job.cover >= 0) {
      DECANT_TRY(const std::string cover, read(job.cover));
      content.insert(0, cover + ":");
    }
    content.insert(0, job.target + ":");
    DECANT_CHECK(write_all(job.output, std::as_bytes(std::span(content))));
    std::vector<tasks::Artifact> artifacts;
    std::string extras;
    for (const auto& [analysis, made] : {std::pair{tasks::Analysis::waveform, fake_waveform()},
                                         {tasks::Analysis::spectrogram, std::string("fake picture")}}) {
      if (!job.options.analysis.wants(analysis)) continue;
      artifacts.push_back({analysis, std::ssize(extras), std::ssize(made)});
      extras += made;
    }
    if (!extras.empty()) DECANT_CHECK(write_all(job.extras, std::as_bytes(std::span(extras))));
    return tasks::ConversionResult{.report = R"({"tags":[],"notes":["fake"]})",
                                   .samples = 220500,
                                   .sample_rate = 44100,
                                   .duration = std::chrono::seconds(5),
                                   .artifacts = std::move(artifacts)};
  }

  /// Two pixels of 1000 samples at 256 Hz: from -1 to 2, from -3 to 4.
  static std::string fake_waveform() {
    using namespace std::string_literals;
    return "\2\0\0\0\1\0\0\0\0\1\0\0\xe8\3\0\0\2\0\0\0\1\0\0\0\xff\2\xfd\4"s;
  }

 private:
  static Result<std::string> read(int input) {
    DECANT_TRY(const ByteCount size, file_size(input));
    std::string content(static_cast<std::size_t>(size), '\0');
    if (::pread(input, content.data(), content.size(), 0) != size) return system_failure(errno, "read the input");
    return content;
  }

  tasks::FormatCatalog catalog_;
};

}  // namespace decant::contract
