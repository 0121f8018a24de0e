#include "audio/report.h"

#include <boost/json.hpp>

namespace decant::audio {

namespace json = boost::json;

namespace {

std::string_view to_string(Fate::Kind kind) {
  switch (kind) {
    case Fate::Kind::kept: return "kept";
    case Fate::Kind::mapped: return "mapped";
    case Fate::Kind::dropped: return "dropped";
    case Fate::Kind::added: return "added";
  }
  return "";
}

json::array fates_json(const std::vector<Fate>& fates) {
  json::array out;
  for (const Fate& fate : fates) {
    json::object entry{{"name", fate.name}, {"fate", to_string(fate.kind)}};
    if (!fate.why.empty()) entry["why"] = fate.why;
    out.push_back(std::move(entry));
  }
  return out;
}

json::array parts_json(const std::vector<PartInfo>& parts, int sample_rate) {
  json::array out;
  for (const PartInfo& part : parts) {
    json::object entry{{"name", part.name},
                       {"samples", part.samples},
                       {"duration", static_cast<double>(part.samples) / std::max(sample_rate, 1)},
                       {"size", part.size}};
    if (!part.pcm_md5.empty()) entry["pcmMd5"] = part.pcm_md5;
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

std::string to_json(const Report& report) {
  json::object out{{"input", json::parse(tasks::to_json(report.input))}};
  if (report.output) {
    const OutputInfo& output = *report.output;
    out["output"] = json::object{{"format", output.format},
                                 {"codec", output.codec},
                                 {"sampleRate", output.sample_rate},
                                 {"channels", output.channels},
                                 {"bitsPerSample", output.bits_per_sample},
                                 {"samples", output.samples},
                                 {"duration", static_cast<double>(output.samples) / std::max(output.sample_rate, 1)},
                                 {"size", output.size},
                                 {"copied", output.copied}};
    if (!output.pcm_md5.empty()) out["output"].as_object()["pcmMd5"] = output.pcm_md5;
    if (!report.parts.empty()) out["parts"] = parts_json(report.parts, output.sample_rate);
    out["tags"] = fates_json(report.transfer->tags);
    out["pictures"] = fates_json(report.transfer->pictures);
    out["chapters"] = fates_json(report.transfer->chapters);
    out["notes"] = json::value_from(report.notes);
  }
  json::array losses;
  for (const Loss& loss : report.losses) {
    losses.push_back(
        json::object{{"position", static_cast<double>(loss.position.count()) / 1e6}, {"reason", loss.reason}});
  }
  out["losses"] = std::move(losses);
  if (!report.analysis.empty()) out["analysis"] = json::parse(report.analysis);
  return json::serialize(out);
}

}  // namespace decant::audio
