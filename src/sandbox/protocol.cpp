#include "sandbox/protocol.h"

#include <boost/json.hpp>
#include <charconv>
#include <cstring>

namespace decant::sandbox {

namespace json = boost::json;

namespace {

constexpr std::size_t max_message_text = 500;
constexpr std::size_t max_detail_text = 2000;

/// What an engine may end a job with. The rest (crashed, canceled, unavailable) is for the supervisor to say.
constexpr std::array child_codes = {ErrorCode::unsupported_media, ErrorCode::unprocessable,    ErrorCode::too_large,
                                    ErrorCode::quota_exceeded,    ErrorCode::invalid_argument, ErrorCode::timed_out,
                                    ErrorCode::internal};

Failure damaged(std::string_view what, std::string_view why) {
  return failure(ErrorCode::internal, "the engine sent something that cannot be read",
                 fmt::format("{}: {}", what, why));
}

std::string text_of(const json::value& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

Result<tasks::Artifact> parse_artifact(const json::value& entry) {
  const auto analysis = tasks::find_analysis(entry.at("analysis").as_string());
  const tasks::Artifact artifact{.analysis = analysis.value_or(tasks::Analysis::waveform),
                                 .offset = entry.at("offset").to_number<ByteCount>(),
                                 .size = entry.at("size").to_number<ByteCount>()};
  if (!analysis || artifact.offset < 0 || artifact.size < 1 || artifact.size > max_artifact_bytes ||
      artifact.offset > max_artifact_bytes * 2) {
    return damaged("result", "an artifact that cannot be");
  }
  return artifact;
}

}  // namespace

std::string encode(const JobSpec& job) {
  const bool converts = job.kind == JobSpec::Kind::convert;
  json::object out{{"kind", converts ? "convert" : "probe"}, {"timeLimit", job.time_limit.count()}};
  if (converts) {
    out["target"] = job.target;
    out["options"] = json::parse(tasks::to_json(job.options));
    out["cover"] = job.cover == JobSpec::Cover::given;
  }
  return json::serialize(out);
}

Result<JobSpec> parse_job(std::string_view bytes) try {
  const json::value root = json::parse(bytes);
  JobSpec job;
  job.kind = root.at("kind").as_string() == "convert" ? JobSpec::Kind::convert : JobSpec::Kind::probe;
  job.time_limit = std::chrono::milliseconds(root.at("timeLimit").to_number<std::int64_t>());
  if (job.kind == JobSpec::Kind::probe) return job;
  job.target = text_of(root, "target");
  DECANT_TRY(job.options, tasks::parse_options_json(json::serialize(root.at("options"))));
  if (root.at("cover").as_bool()) job.cover = JobSpec::Cover::given;
  return job;
} catch (const std::exception& error) {
  return damaged("job", error.what());
}

std::string encode(const Hello& hello) {
  json::array layers;
  for (const Layer& layer : hello.layers) {
    layers.push_back(json::object{{"name", layer.name}, {"active", layer.active}, {"why", layer.why}});
  }
  return json::serialize(json::object{{"catalog", hello.catalog}, {"layers", std::move(layers)}});
}

Result<Hello> parse_hello(std::string_view bytes) try {
  const json::value root = json::parse(bytes);
  Hello hello;
  hello.catalog = text_of(root, "catalog");
  for (const json::value& layer : root.at("layers").as_array()) {
    hello.layers.push_back({text_of(layer, "name"), layer.at("active").as_bool(), text_of(layer, "why")});
  }
  return hello;
} catch (const std::exception& error) {
  return damaged("hello", error.what());
}

std::string encode(const JobStatus& status) {
  std::string bytes(sizeof(status), '\0');
  std::memcpy(bytes.data(), &status, sizeof(status));
  return bytes;
}

std::optional<JobStatus> parse_status(std::string_view bytes) {
  if (bytes.size() != sizeof(JobStatus)) return std::nullopt;
  JobStatus status;
  std::memcpy(&status, bytes.data(), sizeof(status));
  return status;
}

std::string encode(const tasks::ConversionResult& result) {
  json::array artifacts;
  for (const tasks::Artifact& artifact : result.artifacts) {
    artifacts.push_back(
        json::object{{"analysis", to_string(artifact.analysis)}, {"offset", artifact.offset}, {"size", artifact.size}});
  }
  return json::serialize(json::object{{"report", result.report},
                                      {"samples", result.samples},
                                      {"sampleRate", result.sample_rate},
                                      {"duration", result.duration.count()},
                                      {"artifacts", std::move(artifacts)}});
}

Result<tasks::ConversionResult> parse_result(std::string_view bytes) try {
  const json::value root = json::parse(bytes);
  tasks::ConversionResult result;
  result.report = text_of(root, "report");
  result.samples = root.at("samples").to_number<std::int64_t>();
  result.sample_rate = root.at("sampleRate").to_number<int>();
  result.duration = tasks::AudioTime(root.at("duration").to_number<std::int64_t>());
  for (const json::value& entry : root.at("artifacts").as_array()) {
    DECANT_TRY(const tasks::Artifact artifact, parse_artifact(entry));
    if (std::ranges::find(result.artifacts, artifact.analysis, &tasks::Artifact::analysis) != result.artifacts.end()) {
      return damaged("result", "an artifact twice");
    }
    result.artifacts.push_back(artifact);
  }
  if (!json::parse(result.report).is_object()) return damaged("result", "the report is no object");
  if (result.samples < 0 || result.sample_rate < 0 || result.duration.count() < 0) {
    return damaged("result", "a negative number");
  }
  return result;
} catch (const std::exception& error) {
  return damaged("result", error.what());
}

std::string encode(const Error& error) {
  return json::serialize(json::object{{"code", to_string(error.code)},
                                      {"message", printable(error.message, max_message_text)},
                                      {"detail", printable(error.detail, max_detail_text)}});
}

Result<Error> parse_error(std::string_view bytes) try {
  const json::value root = json::parse(bytes);
  const auto code = find_error_code(root.at("code").as_string());
  if (!code || std::ranges::find(child_codes, *code) == child_codes.end()) {
    return damaged("error", "a code that no engine ends with");
  }
  return Error{*code, printable(text_of(root, "message"), max_message_text),
               printable(text_of(root, "detail"), max_detail_text)};
} catch (const std::exception& error) {
  return damaged("error", error.what());
}

std::optional<double> parse_progress(std::string_view bytes) {
  double part_done = 0;
  const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), part_done);
  if (error != std::errc() || end != bytes.data() + bytes.size()) return std::nullopt;
  if (!(part_done >= 0 && part_done <= 1)) return std::nullopt;
  return part_done;
}

std::string encode_progress(double part_done) { return fmt::format("{:.4f}", std::clamp(part_done, 0.0, 1.0)); }

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string clean;
  std::size_t at = 0;
  while (at < text.size() && clean.size() < max_bytes) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      clean += lead < 0x20 || lead == 0x7f ? ' ' : text[at];
      ++at;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const std::string_view sequence = text.substr(at, length);
    json::error_code invalid;
    (void)json::parse('"' + std::string(sequence) + '"', invalid);
    if (invalid || sequence.size() < length) {
      clean += '?';
      ++at;
      continue;
    }
    if (clean.size() + length > max_bytes) break;
    clean += sequence;
    at += length;
  }
  return clean;
}

}  // namespace decant::sandbox
