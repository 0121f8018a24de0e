#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tasks/analysis.h"
#include "tasks/metadata_options.h"

namespace decant::tasks {

/// How samples are stored: integers of so many bits, or floating-point numbers of 32.
enum class BitDepth { float32 = 0, int8 = 8, int16 = 16, int24 = 24, int32 = 32 };
/// "8", "16", "24", "32", "float": its name in the API.
[[nodiscard]] std::string_view to_string(BitDepth depth);

/// How a conversion shall be made. What is not set follows the input or the target format's default.
struct ConversionOptions {
  std::optional<int> bitrate;      ///< bits per second, for lossy targets; excludes quality
  std::optional<double> quality;   ///< the target encoder's own scale (see TargetFormat::quality)
  std::optional<int> sample_rate;  ///< Hz
  std::optional<int> channels;     ///< 1 = mono, 2 = stereo, up to what the target holds
  std::optional<AudioTime> start;  ///< from the input's first sample; the output begins here
  std::optional<AudioTime> end;    ///< from the input's first sample; the output stops before it
  std::optional<BitDepth> bit_depth;
  std::optional<double> trim_silence;  ///< dBFS: what is quieter is cut off at both ends
  // One of these at the most brings the sound to a level, by one gain for all of it.
  std::optional<double> loudness;     ///< LUFS, integrated by EBU R 128; true_peak bounds it
  std::optional<double> peak;         ///< dBFS of the loudest sample
  std::optional<double> gain;         ///< dB
  std::optional<double> true_peak;    ///< dBTP that loudness shall not go beyond; -1 when not set
  std::optional<AudioTime> fade_in;   ///< length, from the output's first sample
  std::optional<AudioTime> fade_out;  ///< length, to the output's last sample
  bool reencode = false;              ///< also where the input's stream could be copied as it is
  AnalysisOptions analysis;           ///< of what stays of the input after start and end
  MetadataOptions metadata;

  friend bool operator==(const ConversionOptions&, const ConversionOptions&) = default;
};

/// An inclusive range of values that an option takes.
template <class Number>
struct Range {
  Number low;
  Number high;
  [[nodiscard]] bool contains(Number value) const { return low <= value && value <= high; }
};

/// What a target format is called and takes. The engine owns the table and tells it at its start; this is the copy that
/// the rest of decant works with.
struct TargetFormat {
  std::string name;                  ///< lower case, what `newFormat` takes: "mp3"
  std::string title;                 ///< for people: "MP3"
  std::string extension;             ///< of results, no dot
  std::vector<std::string> aliases;  ///< other names and extensions taken for it: "oga" for ogg
  std::string mime_type;
  bool lossless = false;
  std::optional<Range<int>> bitrate;  ///< bits per second; empty: the format has no such option
  std::optional<Range<double>> quality;
  std::string quality_help;       ///< what the scale means and which end is better
  std::string default_encoding;   ///< for people: "VBR V2", "192 kbit/s"
  std::vector<int> sample_rates;  ///< Hz; empty: any in sample_rate_range
  Range<int> sample_rate_range{8000, 192000};
  int max_channels = 2;
  std::vector<BitDepth> bit_depths;  ///< that can be asked for; empty: the format has no such option
  bool holds_tags = true;
  bool holds_pictures = true;
};

/// What kind of file a result is.
struct ResultKind {
  std::string mime_type;
  std::string extension;  ///< no dot
};

/// The format's own, or a ZIP archive where chapters become files.
[[nodiscard]] ResultKind result_kind(const TargetFormat& format, const ConversionOptions& options);

struct FormatCatalog {
  std::vector<TargetFormat> targets;
  /// Names of what can be read, for people: "MP3", "Matroska and WebM audio".
  std::vector<std::string> sources;

  /// By name, extension or alias, any case, with or without a leading dot; nullptr when unknown. Points into this
  /// catalog.
  [[nodiscard]] const TargetFormat* find_target(std::string_view name) const;
  /// "mp3, ogg, …": for error messages.
  [[nodiscard]] std::string target_names() const;
};

/// For the way from the engine to the server, and GET /api/formats.
[[nodiscard]] std::string to_json(const FormatCatalog& catalog);
Result<FormatCatalog> parse_catalog_json(std::string_view json);

/// Checks every option against the format: invalid_argument with one FieldError (named as in the API: "bitrate",
/// "sampleRate", …) for each that does not hold, saying what would.
Result<void> check_options(const ConversionOptions& options, const TargetFormat& format);
/// The same for analyses without a target: only what concerns no format may be set.
Result<void> check_analysis_options(const ConversionOptions& options);

/// The JSON object of the API, the database and the engine:
/// {"bitrate":192000,"quality":2,"sampleRate":44100,"channels":2,"start":1.5,"end":10,"bitDepth":24,"trimSilence":-60,
/// "loudness":-14,"truePeak":-1,"peak":-1,"gain":3,"fadeIn":0.5,"fadeOut":2,"reencode":true,
/// "analysis":["waveform"]}, times in seconds, "float" for the depth of floating-point numbers; only what is set.
[[nodiscard]] std::string to_json(const ConversionOptions& options);
/// Refuses unknown names, wrong types, non-finite and out-of-domain numbers with a FieldError each.
Result<ConversionOptions> parse_options_json(std::string_view json);
/// The text forms of forms and command lines. Bitrates "192k", "192000"; times "90", "1:30.5", "00:01:30.5"; rates
/// "44100", "44.1k"; channels "1", "mono", "stereo"; depths "24", "float"; levels "-14", "+3", "-1 dB"; "true",
/// "false"; lists "waveform,loudness". `name` is the API's ("sampleRate"). invalid_argument says what is accepted.
Result<void> set_option(ConversionOptions& options, std::string_view name, std::string_view text);

}  // namespace decant::tasks
