#include "tasks/media.h"

#include <boost/json.hpp>
#include <stdexcept>

namespace decant::tasks {

namespace json = boost::json;

std::string to_json(const MediaInfo& info) {
  json::object out{{"container", info.container}, {"codec", info.codec},
                   {"mimeType", info.mime_type},  {"extension", info.extension},
                   {"duration", nullptr},         {"sampleRate", info.sample_rate},
                   {"channels", info.channels},   {"bitsPerSample", info.bits_per_sample},
                   {"bitrate", info.bitrate},     {"pictures", info.pictures},
                   {"chapters", info.chapters}};
  if (info.duration) out["duration"] = std::chrono::duration<double>(*info.duration).count();
  json::array tags;
  for (const Tag& tag : info.tags) {
    json::object entry{{"name", tag.name}, {"value", tag.value}};
    if (!tag.language.empty()) entry["language"] = tag.language;
    if (!tag.description.empty()) entry["description"] = tag.description;
    tags.push_back(std::move(entry));
  }
  out["tags"] = std::move(tags);
  return json::serialize(out);
}

Result<MediaInfo> parse_media_info_json(std::string_view text) try {
  const json::value root = json::parse(text);
  MediaInfo info;
  const auto get_text = [&](std::string_view name) { return std::string(root.at(name).as_string()); };
  info.container = get_text("container");
  info.codec = get_text("codec");
  info.mime_type = get_text("mimeType");
  info.extension = get_text("extension");
  if (const json::value& duration = root.at("duration"); !duration.is_null()) {
    const std::chrono::duration<double> seconds(duration.to_number<double>());
    // Beyond it the conversion to AudioTime would be undefined, and the text may come from an engine that was taken
    // over.
    if (!(seconds >= seconds.zero() && seconds <= longest_audio)) throw std::out_of_range("duration");
    info.duration = std::chrono::duration_cast<AudioTime>(seconds);
  }
  info.sample_rate = root.at("sampleRate").to_number<int>();
  info.channels = root.at("channels").to_number<int>();
  info.bits_per_sample = root.at("bitsPerSample").to_number<int>();
  info.bitrate = root.at("bitrate").to_number<std::int64_t>();
  info.pictures = root.at("pictures").to_number<int>();
  info.chapters = root.at("chapters").to_number<int>();
  for (const json::value& tag : root.at("tags").as_array()) {
    const auto find_text = [&](std::string_view name) {
      const json::value* text = tag.as_object().if_contains(name);
      return text == nullptr ? std::string() : std::string(text->as_string());
    };
    info.tags.push_back({std::string(tag.at("name").as_string()), std::string(tag.at("value").as_string()),
                         find_text("language"), find_text("description")});
  }
  return info;
} catch (const std::exception& error) {
  return failure(ErrorCode::internal, "the description of the audio is damaged", error.what());
}

}  // namespace decant::tasks
