#pragma once

#include "audio/decoder.h"
#include "audio/tags/transfer.h"

namespace decant::audio {

/// What a conversion made.
struct OutputInfo {
  std::string format;  ///< TargetFormat::name
  std::string codec;
  int sample_rate = 0;
  int channels = 0;
  int bits_per_sample = 0;  ///< of lossless targets, else 0
  std::int64_t samples = 0;
  ByteCount size = 0;
  std::string pcm_md5 =
      {};               ///< of lossless targets: PcmDigest of what was encoded and, decoded again, found in the file
  bool copied = false;  ///< the source's own packets, not encoded again
};

/// A file in an archive of chapters.
struct PartInfo {
  std::string name;
  std::int64_t samples = 0;
  ByteCount size = 0;
  std::string pcm_md5;  ///< as of OutputInfo
};

struct Report {
  tasks::MediaInfo input;
  std::optional<OutputInfo> output;    ///< none: nothing was asked for but analyses
  const Transfer* transfer = nullptr;  ///< of the output
  std::vector<PartInfo> parts;         ///< where the output is an archive, of so many files
  std::vector<std::string> notes;      ///< sentences for people
  std::vector<Loss> losses;
  std::string analysis;  ///< SoundAnalysis::Findings::report; empty: none was asked for
};

/// The JSON of tasks::ConversionResult::report.
[[nodiscard]] std::string to_json(const Report& report);

}  // namespace decant::audio
