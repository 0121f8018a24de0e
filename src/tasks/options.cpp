#include "tasks/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <ranges>

namespace decant::tasks {

namespace json = boost::json;

namespace {

// What any option may be at all, whatever the format: keeps conversions to integers in range.
constexpr double most_seconds = 10.0 * 24 * 3600;
constexpr Range<double> any_bitrate{1, 100'000'000};
constexpr Range<double> any_sample_rate{1, 1'000'000};
constexpr Range<double> any_channels{1, 64};
constexpr Range<double> any_quality{-1000, 1000};
constexpr Range<double> any_samples_per_pixel{2, 1'000'000};
constexpr Range<double> any_pixels_per_second{1, 1000};
constexpr Range<double> any_silence_threshold{-120, 0};
constexpr Range<double> any_silence_duration{0.01, 3600};
constexpr Range<double> any_spectrogram_width{64, 4096};
constexpr Range<double> any_spectrogram_height{64, 1024};
constexpr Range<double> any_bit_depth{0, 32};
constexpr Range<double> any_time{0, most_seconds};
constexpr Range<double> any_loudness{-70, -5};
constexpr Range<double> any_true_peak{-20, 0};
constexpr Range<double> any_peak{-60, 0};
constexpr Range<double> any_gain{-100, 60};
constexpr Range<double> any_threshold{-120, -10};
constexpr Range<double> any_fade{0, 3600};

constexpr std::array bit_depths = {BitDepth::int8, BitDepth::int16, BitDepth::int24, BitDepth::int32,
                                   BitDepth::float32};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& character : out) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + ('a' - 'A'));
  }
  return out;
}

/// The whole text as a finite decimal number.
std::optional<double> find_number(std::string_view text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

/// "192000", "192k", "44.1k".
std::optional<double> find_scaled_number(std::string_view text) {
  const bool kilo = text.ends_with('k') || text.ends_with('K');
  if (kilo) text.remove_suffix(1);
  const auto number = find_number(text);
  if (!number) return std::nullopt;
  return kilo ? *number * 1000 : *number;
}

/// "90", "1:30.5", "00:01:30.5".
std::optional<double> find_seconds(std::string_view text) {
  double seconds = 0;
  for (int part = 0;; ++part) {
    const std::size_t colon = text.find(':');
    const std::string_view piece = text.substr(0, colon);
    const auto number = find_number(piece);
    if (!number || *number < 0 || piece.starts_with('-') || part > 2) return std::nullopt;
    if (colon != std::string_view::npos && piece.find('.') != std::string_view::npos) return std::nullopt;
    if (part > 0 && *number >= 60) return std::nullopt;
    seconds = seconds * 60 + *number;
    if (colon == std::string_view::npos) return seconds;
    text.remove_prefix(colon + 1);
  }
}

std::optional<double> find_channels(std::string_view text) {
  const std::string name = lower(text);
  if (name == "mono") return 1;
  if (name == "stereo") return 2;
  return find_number(text);
}

std::optional<double> find_bit_depth(std::string_view text) {
  const std::string name = lower(text);
  for (const BitDepth depth : bit_depths) {
    if (name == to_string(depth)) return static_cast<double>(depth);
  }
  return std::nullopt;
}

/// "-14", "+3", "-1 dB".
std::optional<double> find_decibels(std::string_view text) {
  if (lower(text).ends_with("db")) text.remove_suffix(2);
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return find_number(text);
}

std::optional<double> find_yes_or_no(std::string_view text) {
  const std::string name = lower(text);
  if (name == "true" || name == "1") return 1;
  if (name == "false" || name == "0") return 0;
  return std::nullopt;
}

bool is_whole(double number) { return std::floor(number) == number; }

Error wrong(std::string_view name, std::string message) {
  Error error{ErrorCode::invalid_argument, fmt::format("{}: {}", name, message), {}, {}};
  error.fields.push_back({std::string(name), std::move(message)});
  return error;
}

/// One option of the API: its name, how text becomes a number, what it says when that fails, and where the number goes.
struct OptionRule {
  std::string_view name;
  std::optional<double> (*find_value)(std::string_view text);
  std::string_view expected;
  Range<double> domain;
  bool whole;
  void (*store)(ConversionOptions& options, double number);
  json::value (*load)(const ConversionOptions& options);  // null when it is not set
};

template <class Options, class Value>
auto& field(Options& options, std::optional<Value> ConversionOptions::* member) {
  return options.*member;
}
template <class Options, class Value>
auto& field(Options& options, std::optional<Value> AnalysisOptions::* member) {
  return options.analysis.*member;
}

json::value number_json(double number) {
  if (is_whole(number)) return static_cast<std::int64_t>(number);
  return number;
}

template <auto member>
void store_int(ConversionOptions& options, double number) {
  field(options, member) = static_cast<int>(number);
}
template <auto member>
void store_double(ConversionOptions& options, double number) {
  field(options, member) = number;
}
template <auto member>
json::value load_number(const ConversionOptions& options) {
  if (!field(options, member)) return nullptr;
  return number_json(static_cast<double>(*field(options, member)));
}
template <auto member>
void store_time(ConversionOptions& options, double seconds) {
  field(options, member) = AudioTime(std::llround(seconds * 1e6));
}
template <auto member>
json::value load_time(const ConversionOptions& options) {
  if (!field(options, member)) return nullptr;
  return number_json(static_cast<double>(field(options, member)->count()) / 1e6);
}
json::value bit_depth_json(BitDepth depth) {
  if (depth == BitDepth::float32) return json::value_from(to_string(depth));
  return static_cast<std::int64_t>(depth);
}

constexpr std::string_view time_expected = "a time such as 90, 1:30.5 or 00:01:30.5";
constexpr std::string_view length_expected = "a length in seconds, such as 0.5 or 10";

constexpr std::array rules = {
    OptionRule{"bitrate", find_scaled_number, "a number of bits per second, such as 192k or 192000", any_bitrate, true,
               store_int<&ConversionOptions::bitrate>, load_number<&ConversionOptions::bitrate>},
    OptionRule{"quality", find_number, "a number", any_quality, false, store_double<&ConversionOptions::quality>,
               load_number<&ConversionOptions::quality>},
    OptionRule{"sampleRate", find_scaled_number, "a rate in Hz, such as 44100 or 44.1k", any_sample_rate, true,
               store_int<&ConversionOptions::sample_rate>, load_number<&ConversionOptions::sample_rate>},
    OptionRule{"channels", find_channels, "a number of channels, mono or stereo", any_channels, true,
               store_int<&ConversionOptions::channels>, load_number<&ConversionOptions::channels>},
    OptionRule{"start", find_seconds, time_expected, any_time, false, store_time<&ConversionOptions::start>,
               load_time<&ConversionOptions::start>},
    OptionRule{"end", find_seconds, time_expected, any_time, false, store_time<&ConversionOptions::end>,
               load_time<&ConversionOptions::end>},
    OptionRule{"bitDepth", find_bit_depth, "8, 16, 24, 32 or float", any_bit_depth, true,
               [](ConversionOptions& options, double number) { options.bit_depth = static_cast<BitDepth>(number); },
               [](const ConversionOptions& options) {
                 return options.bit_depth ? bit_depth_json(*options.bit_depth) : json::value();
               }},
    OptionRule{"trimSilence", find_decibels, "a level in dBFS, such as -60", any_threshold, false,
               store_double<&ConversionOptions::trim_silence>, load_number<&ConversionOptions::trim_silence>},
    OptionRule{"loudness", find_decibels, "a loudness in LUFS, such as -14", any_loudness, false,
               store_double<&ConversionOptions::loudness>, load_number<&ConversionOptions::loudness>},
    OptionRule{"truePeak", find_decibels, "a level in dBTP, such as -1", any_true_peak, false,
               store_double<&ConversionOptions::true_peak>, load_number<&ConversionOptions::true_peak>},
    OptionRule{"peak", find_decibels, "a level in dBFS, such as -1", any_peak, false,
               store_double<&ConversionOptions::peak>, load_number<&ConversionOptions::peak>},
    OptionRule{"gain", find_decibels, "a number of decibels, such as -6 or +3", any_gain, false,
               store_double<&ConversionOptions::gain>, load_number<&ConversionOptions::gain>},
    OptionRule{"fadeIn", find_seconds, length_expected, any_fade, false, store_time<&ConversionOptions::fade_in>,
               load_time<&ConversionOptions::fade_in>},
    OptionRule{"fadeOut", find_seconds, length_expected, any_fade, false, store_time<&ConversionOptions::fade_out>,
               load_time<&ConversionOptions::fade_out>},
    OptionRule{"reencode",
               find_yes_or_no,
               "true or false",
               {0, 1},
               true,
               [](ConversionOptions& options, double number) { options.reencode = number != 0; },
               [](const ConversionOptions& options) { return options.reencode ? json::value(true) : json::value(); }},
    OptionRule{"samplesPerPixel", find_number, "a number of samples", any_samples_per_pixel, true,
               store_int<&AnalysisOptions::samples_per_pixel>, load_number<&AnalysisOptions::samples_per_pixel>},
    OptionRule{"pixelsPerSecond", find_number, "a number of pixels", any_pixels_per_second, true,
               store_int<&AnalysisOptions::pixels_per_second>, load_number<&AnalysisOptions::pixels_per_second>},
    OptionRule{"waveformBits",
               find_number,
               "8 or 16",
               {8, 16},
               true,
               store_int<&AnalysisOptions::waveform_bits>,
               load_number<&AnalysisOptions::waveform_bits>},
    OptionRule{"silenceThreshold", find_number, "a level in dBFS, such as -60", any_silence_threshold, false,
               store_double<&AnalysisOptions::silence_threshold>, load_number<&AnalysisOptions::silence_threshold>},
    OptionRule{"silenceDuration", find_seconds, "a time such as 0.5 or 2", any_silence_duration, false,
               store_time<&AnalysisOptions::silence_duration>, load_time<&AnalysisOptions::silence_duration>},
    OptionRule{"spectrogramWidth", find_number, "a number of pixels", any_spectrogram_width, true,
               store_int<&AnalysisOptions::spectrogram_width>, load_number<&AnalysisOptions::spectrogram_width>},
    OptionRule{"spectrogramHeight", find_number, "a number of pixels", any_spectrogram_height, true,
               store_int<&AnalysisOptions::spectrogram_height>, load_number<&AnalysisOptions::spectrogram_height>},
};

/// The one option that is a list of names: text with commas, or an array of JSON.
constexpr std::string_view analysis_option = "analysis";

const OptionRule* find_rule(std::string_view name) {
  for (const OptionRule& rule : rules) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

std::string option_names() {
  std::string names;
  for (const OptionRule& rule : rules) {
    names += rule.name;
    names += ", ";
  }
  names += analysis_option;
  for (const std::string_view name : metadata_option_names) names += fmt::format(", {}", name);
  return names;
}

bool is_metadata_option(std::string_view name) {
  return std::ranges::find(metadata_option_names, name) != metadata_option_names.end();
}

Failure unknown_option(std::string_view name) {
  return Failure(wrong(name, fmt::format("unknown option; there are {}", option_names())));
}

Result<void> store_analyses(ConversionOptions& options, std::span<const std::string> names) {
  auto stored = options.analysis.set_wanted(names);
  if (!stored) return Failure(wrong(analysis_option, stored.error().message));
  return stored;
}

/// "waveform, loudness"
Result<void> store_analyses(ConversionOptions& options, std::string_view text) {
  std::vector<std::string> names;
  for (const auto piece : std::views::split(text, ',')) {
    const std::string_view name(piece.begin(), piece.end());
    const std::size_t begin = std::min(name.find_first_not_of(' '), name.size());
    names.push_back(lower(name.substr(begin, name.find_last_not_of(' ') + 1 - begin)));
  }
  return store_analyses(options, names);
}

Result<void> store_analyses(ConversionOptions& options, const json::value& value) {
  if (value.is_string()) return store_analyses(options, std::string_view(value.get_string()));
  const auto names = json::try_value_to<std::vector<std::string>>(value);
  return store_analyses(options, names ? *names : std::vector<std::string>{""});
}

/// The value of a JSON text, number or truth value, each of which means what its text means.
std::optional<double> find_value(const OptionRule& rule, const json::value& value) {
  if (value.is_string()) return rule.find_value(value.get_string());
  if (value.is_bool()) return rule.find_value(value.get_bool() ? "true" : "false");
  boost::system::error_code no_number;
  const auto number = value.to_number<double>(no_number);
  if (no_number) return std::nullopt;
  return rule.find_value(fmt::format("{:.{}f}", number, is_whole(number) ? 0 : 9));
}

Result<void> store_option(ConversionOptions& options, const OptionRule& rule, std::optional<double> number) {
  if (!number || (rule.whole && !is_whole(*number))) {
    return Failure(wrong(rule.name, fmt::format("expected {}", rule.expected)));
  }
  if (!rule.domain.contains(*number)) {
    return Failure(wrong(rule.name, fmt::format("must be from {} to {}", rule.domain.low, rule.domain.high)));
  }
  rule.store(options, *number);
  return {};
}

template <class Number>
json::value range_json(const std::optional<Range<Number>>& range) {
  if (!range) return nullptr;
  return json::object{{"min", range->low}, {"max", range->high}};
}

template <class Number>
std::optional<Range<Number>> parse_range(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  return Range<Number>{value.at("min").to_number<Number>(), value.at("max").to_number<Number>()};
}

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

void check_cut_and_analysis(const ConversionOptions& options, std::vector<FieldError>& fields) {
  if (options.start && options.end && *options.start >= *options.end) {
    fields.push_back({"end", "must be later than start"});
  }
  if (options.end && *options.end <= AudioTime::zero()) fields.push_back({"end", "must be later than 0"});
  for (FieldError& mistake : find_mistakes(options.analysis)) fields.push_back(std::move(mistake));
}

/// "16, 24, float".
std::string list_of(const std::vector<BitDepth>& depths) {
  std::string names;
  for (const BitDepth depth : depths) names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(depth));
  return names;
}

void check_sound(const ConversionOptions& options, const TargetFormat& format, std::vector<FieldError>& fields) {
  const auto refuse = [&](std::string_view name, std::string message) {
    fields.push_back({std::string(name), std::move(message)});
  };
  if (options.bit_depth && std::ranges::find(format.bit_depths, *options.bit_depth) == format.bit_depths.end()) {
    refuse("bitDepth", format.bit_depths.empty()
                           ? fmt::format("{} has no bit depth to choose", format.title)
                           : fmt::format("{} takes {}", format.title, list_of(format.bit_depths)));
  }
  if (options.peak && options.loudness) refuse("peak", "give either a peak or a loudness, not both");
  if (options.gain && (options.loudness || options.peak)) {
    refuse("gain", "give either a gain or a level to reach, not both");
  }
  if (options.true_peak && !options.loudness) refuse("truePeak", "bounds loudness, which is not given");
}

Result<void> refuse_all(std::vector<FieldError> fields) {
  if (fields.empty()) return {};
  Error error{ErrorCode::invalid_argument, fmt::format("{}: {}", fields.front().field, fields.front().message), {}, {}};
  error.fields = std::move(fields);
  return Failure(std::move(error));
}

std::vector<BitDepth> parse_bit_depths(const json::value& value) {
  std::vector<BitDepth> depths;
  for (const json::value& entry : value.as_array()) {
    const auto depth = std::ranges::find(bit_depths, entry, bit_depth_json);
    if (depth != bit_depths.end()) depths.push_back(*depth);
  }
  return depths;
}

}  // namespace

std::string_view to_string(BitDepth depth) {
  switch (depth) {
    case BitDepth::float32: return "float";
    case BitDepth::int8: return "8";
    case BitDepth::int16: return "16";
    case BitDepth::int24: return "24";
    case BitDepth::int32: return "32";
  }
  return "";
}

ResultKind result_kind(const TargetFormat& format, const ConversionOptions& options) {
  if (options.metadata.chapters == Chapters::split) return {"application/zip", "zip"};
  return {format.mime_type, format.extension};
}

const TargetFormat* FormatCatalog::find_target(std::string_view name) const {
  if (name.starts_with('.')) name.remove_prefix(1);
  const std::string wanted = lower(name);
  for (const TargetFormat& format : targets) {
    if (wanted == format.name) return &format;
  }
  for (const TargetFormat& format : targets) {
    if (wanted == format.extension || std::ranges::find(format.aliases, wanted) != format.aliases.end()) return &format;
  }
  return nullptr;
}

std::string FormatCatalog::target_names() const {
  std::string names;
  for (const TargetFormat& format : targets) {
    if (!names.empty()) names += ", ";
    names += format.name;
  }
  return names;
}

std::string to_json(const FormatCatalog& catalog) {
  json::array targets;
  for (const TargetFormat& format : catalog.targets) {
    json::array depths;
    for (const BitDepth depth : format.bit_depths) depths.push_back(bit_depth_json(depth));
    targets.push_back(json::object{{"name", format.name},
                                   {"title", format.title},
                                   {"extension", format.extension},
                                   {"aliases", json::value_from(format.aliases)},
                                   {"mimeType", format.mime_type},
                                   {"lossless", format.lossless},
                                   {"bitrate", range_json(format.bitrate)},
                                   {"quality", range_json(format.quality)},
                                   {"qualityHelp", format.quality_help},
                                   {"defaultEncoding", format.default_encoding},
                                   {"sampleRates", json::value_from(format.sample_rates)},
                                   {"sampleRateRange", range_json(std::optional(format.sample_rate_range))},
                                   {"maxChannels", format.max_channels},
                                   {"bitDepths", std::move(depths)},
                                   {"holdsTags", format.holds_tags},
                                   {"holdsPictures", format.holds_pictures}});
  }
  return json::serialize(json::object{{"targets", std::move(targets)}, {"sources", json::value_from(catalog.sources)}});
}

Result<FormatCatalog> parse_catalog_json(std::string_view text) try {
  const json::value root = json::parse(text);
  FormatCatalog catalog;
  for (const json::value& entry : root.at("targets").as_array()) {
    TargetFormat format;
    format.name = text_of(entry.at("name"));
    format.title = text_of(entry.at("title"));
    format.extension = text_of(entry.at("extension"));
    format.aliases = json::value_to<std::vector<std::string>>(entry.at("aliases"));
    format.mime_type = text_of(entry.at("mimeType"));
    format.lossless = entry.at("lossless").as_bool();
    format.bitrate = parse_range<int>(entry.at("bitrate"));
    format.quality = parse_range<double>(entry.at("quality"));
    format.quality_help = text_of(entry.at("qualityHelp"));
    format.default_encoding = text_of(entry.at("defaultEncoding"));
    format.sample_rates = json::value_to<std::vector<int>>(entry.at("sampleRates"));
    format.sample_rate_range = parse_range<int>(entry.at("sampleRateRange")).value_or(format.sample_rate_range);
    format.max_channels = entry.at("maxChannels").to_number<int>();
    format.bit_depths = parse_bit_depths(entry.at("bitDepths"));
    format.holds_tags = entry.at("holdsTags").as_bool();
    format.holds_pictures = entry.at("holdsPictures").as_bool();
    catalog.targets.push_back(std::move(format));
  }
  catalog.sources = json::value_to<std::vector<std::string>>(root.at("sources"));
  return catalog;
} catch (const std::exception& error) {
  return failure(ErrorCode::internal, "the engine's list of formats is damaged", error.what());
}

Result<void> check_options(const ConversionOptions& options, const TargetFormat& format) {
  std::vector<FieldError> fields;
  const auto refuse = [&](std::string_view name, std::string message) {
    fields.push_back({std::string(name), std::move(message)});
  };
  if (options.bitrate) {
    if (!format.bitrate) {
      refuse("bitrate",
             fmt::format("{} has no bitrate to choose{}", format.title, format.lossless ? ": it is lossless" : ""));
    } else if (!format.bitrate->contains(*options.bitrate)) {
      refuse("bitrate",
             fmt::format("{} takes {} to {} bit/s", format.title, format.bitrate->low, format.bitrate->high));
    }
  }
  if (options.quality) {
    if (!format.quality) {
      refuse("quality", fmt::format("{} has no quality to choose", format.title));
    } else if (!format.quality->contains(*options.quality)) {
      refuse("quality", fmt::format("{} takes {} to {}: {}", format.title, format.quality->low, format.quality->high,
                                    format.quality_help));
    }
    if (options.bitrate && format.bitrate && format.quality && !format.lossless) {
      refuse("quality", "give either a bitrate or a quality, not both");
    }
  }
  if (options.sample_rate) {
    if (!format.sample_rates.empty()) {
      if (std::ranges::find(format.sample_rates, *options.sample_rate) == format.sample_rates.end()) {
        refuse("sampleRate", fmt::format("{} takes {} Hz", format.title, fmt::join(format.sample_rates, ", ")));
      }
    } else if (!format.sample_rate_range.contains(*options.sample_rate)) {
      refuse("sampleRate", fmt::format("{} takes {} to {} Hz", format.title, format.sample_rate_range.low,
                                       format.sample_rate_range.high));
    }
  }
  if (options.channels && (*options.channels < 1 || *options.channels > format.max_channels)) {
    refuse("channels", fmt::format("{} takes 1 to {} channels", format.title, format.max_channels));
  }
  check_sound(options, format, fields);
  check_cut_and_analysis(options, fields);
  return refuse_all(std::move(fields));
}

Result<void> check_analysis_options(const ConversionOptions& options) {
  std::vector<FieldError> fields;
  ConversionOptions allowed;
  allowed.start = options.start;
  allowed.end = options.end;
  allowed.analysis = options.analysis;
  if (options != allowed)
    fields.push_back({"options", "only start, end and what concerns analyses goes without a target"});
  if (options.analysis.wanted.empty()) fields.push_back({std::string(analysis_option), "is missing"});
  check_cut_and_analysis(options, fields);
  return refuse_all(std::move(fields));
}

std::string to_json(const ConversionOptions& options) {
  if (options == ConversionOptions()) return "{}";  // most, and long lists have many
  json::object out;
  for (const OptionRule& rule : rules) {
    if (json::value value = rule.load(options); !value.is_null()) out[rule.name] = std::move(value);
  }
  if (!options.analysis.wanted.empty()) out[analysis_option] = json::value_from(options.analysis.wanted_names());
  for (const std::string_view name : metadata_option_names) {
    const std::string text = metadata_option_text(options.metadata, name);
    if (!text.empty()) out[name] = name == "metadata" ? json::parse(text) : json::value(text);
  }
  return json::serialize(out);
}

Result<ConversionOptions> parse_options_json(std::string_view text) {
  if (text == "{}") return ConversionOptions();
  boost::system::error_code problem;
  const json::value root = json::parse(text, problem);
  if (problem || !root.is_object()) {
    return Failure(wrong("options", "must be a JSON object"));
  }
  ConversionOptions options;
  for (const auto& [name, value] : root.get_object()) {
    if (name == analysis_option) {
      DECANT_CHECK(store_analyses(options, value));
      continue;
    }
    if (is_metadata_option(name)) {
      const std::string inner = value.is_string() ? std::string(value.get_string()) : json::serialize(value);
      DECANT_CHECK(set_metadata_option(options.metadata, name, inner));
      continue;
    }
    const OptionRule* rule = find_rule(name);
    if (rule == nullptr) return unknown_option(name);
    DECANT_CHECK(store_option(options, *rule, find_value(*rule, value)));
  }
  return options;
}

Result<void> set_option(ConversionOptions& options, std::string_view name, std::string_view text) {
  if (name == analysis_option) return store_analyses(options, text);
  if (is_metadata_option(name)) return set_metadata_option(options.metadata, name, text);
  const OptionRule* rule = find_rule(name);
  if (rule == nullptr) return unknown_option(name);
  return store_option(options, *rule, rule->find_value(text));
}

}  // namespace decant::tasks
