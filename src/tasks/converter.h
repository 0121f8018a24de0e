#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/file.h"
#include "tasks/artifact.h"
#include "tasks/media.h"
#include "tasks/options.h"

namespace decant::tasks {

struct ConversionJob {
  int input = -1;      ///< a regular file, read from offset 0 whatever its position; not owned
  int output = -1;     ///< an empty regular file, writable and seekable; not owned; none without a target
  std::string target;  ///< TargetFormat::name; empty: only the analyses are made, and nothing is written to output
  ConversionOptions options;
  std::chrono::milliseconds time_limit{};
  int extras = -1;  ///< an empty regular file for artifacts, writable; not owned; none where no analysis makes any
  int cover = -1;   ///< a picture that check_cover (picture.h) took, for the front cover; not owned; none: -1
};

/// What a conversion did. `report` is a JSON object: {"input": MediaInfo, "output": {…}, "tags":
/// [{"name","fate":"kept"|"mapped"| "dropped","why"?}], "pictures": […], "chapters": […], "parts"?: [{"name",
/// "samples", …}] of an archive, "notes": […], "losses":
/// [{"position": seconds, "reason"}], "analysis"?: {…}}; of analyses alone, only "input", "losses" and "analysis".
struct ConversionResult {
  std::string report;
  std::int64_t samples = 0;  ///< a channel, at sample_rate
  int sample_rate = 0;       ///< of the output, Hz
  AudioTime duration{};
  std::vector<Artifact> artifacts;  ///< at most one of each analysis
};

/// From 0 to 1. Called from one thread at most, at most ten times a second.
using ProgressListener = std::function<void(double)>;

/// What a converter is asked for. One for probes alone is lighter, and refuses to convert.
enum class ConverterDuty { probes, everything };

/// The engine as the rest of decant sees it. Thread-safe; probe and convert block their caller, and as many run at once
/// as threads call.
///
/// Errors: unsupported_media (no audio, or none that can be read), unprocessable (audio that cannot be converted as
/// asked; breaks in the middle), too_large, timed_out, canceled, crashed (the engine died on it), unavailable (no
/// engine right now), quota_exceeded (the output found no room), internal.
class Converter {
 public:
  virtual ~Converter() = default;
  /// What can be written and read. Lives as long as the converter.
  [[nodiscard]] virtual const FormatCatalog& formats() const = 0;
  /// Looks into the file without decoding all of it.
  virtual Result<MediaInfo> probe(int input) = 0;
  /// Converts; `stop` ends it soon with `canceled`. After an error the output's content is undefined.
  virtual Result<ConversionResult> convert(const ConversionJob& job, const ProgressListener& on_progress,
                                           std::stop_token stop) = 0;
};

}  // namespace decant::tasks
