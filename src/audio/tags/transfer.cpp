#include "audio/tags/transfer.h"

#include <charconv>
#include <cmath>

#include "audio/tags/names.h"
#include "audio/tags/picture.h"

namespace decant::audio {

namespace {

constexpr std::size_t most_tags = 512;
constexpr std::size_t most_tag_bytes = 1024 * 1024;
constexpr std::size_t most_pictures = 32;
// FLAC's blocks, the narrowest place for a picture, end at 16 MiB.
constexpr std::size_t most_picture_bytes = 16 * 1024 * 1024 - 4096;
constexpr std::size_t most_chapters = 255;

using Kind = Fate::Kind;

/// "-7.25 dB" as a number.
std::optional<double> parse_gain(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double gain = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), gain);
  if (problem != std::errc{} || !std::isfinite(gain) || std::abs(gain) > 32768) return std::nullopt;
  return gain;
}

// ReplayGain 2.0 aims at -18 LUFS, Opus's R128 tags at -23 LUFS in steps of 1/256 dB (RFC 7845 section 5.2.1).
constexpr double reference_distance = 5.0;

struct GainNames {
  std::string_view replay_gain;
  std::string_view r128;
};
constexpr std::array gain_names = {GainNames{"REPLAYGAIN_TRACK_GAIN", "R128_TRACK_GAIN"},
                                   GainNames{"REPLAYGAIN_ALBUM_GAIN", "R128_ALBUM_GAIN"}};

/// The tag in the loudness convention of the target; nothing where it is in that already.
std::optional<tasks::Tag> convert_gain(const tasks::Tag& tag, const Format& target) {
  const bool is_opus = target.target.name == "opus";
  for (const GainNames& names : gain_names) {
    const auto gain = parse_gain(tag.value);
    if (!gain) continue;
    if (is_opus && equals_ignoring_case(tag.name, names.replay_gain)) {
      return tasks::Tag{std::string(names.r128), std::to_string(std::lround((*gain - reference_distance) * 256))};
    }
    if (!is_opus && equals_ignoring_case(tag.name, names.r128)) {
      return tasks::Tag{std::string(names.replay_gain), fmt::format("{:.2f} dB", *gain / 256 + reference_distance)};
    }
  }
  return std::nullopt;
}

void plan_tags(const Metadata& source, const Format& target, Transfer& plan) {
  std::size_t bytes = 0;
  for (const tasks::Tag& tag : source.tags) {
    const auto drop = [&](std::string why) { plan.tags.push_back({tag.name, Kind::dropped, std::move(why)}); };
    if (describes_old_file(tag.name)) {
      drop("it describes the old file");
      continue;
    }
    bytes += tag.name.size() + tag.value.size();
    if (plan.metadata.tags.size() >= most_tags || bytes > most_tag_bytes) {
      drop(fmt::format("only {} tags and {} KiB of them are carried over", most_tags, most_tag_bytes / 1024));
      continue;
    }
    if (target.target.name == "opus" && equals_ignoring_case(tag.name, "REPLAYGAIN_REFERENCE_LOUDNESS")) {
      drop("Opus has a loudness reference of its own");
      continue;
    }
    if (auto converted = convert_gain(tag, target)) {
      plan.tags.push_back({tag.name, Kind::mapped, "written as " + converted->name});
      plan.metadata.tags.push_back(*std::move(converted));
      continue;
    }
    const bool is_repeated =
        std::ranges::any_of(plan.metadata.tags, [&](const tasks::Tag& other) { return other.name == tag.name; });
    plan.metadata.tags.push_back(tag);
    if (target.tags == TagHolder::asf && is_repeated) {
      plan.tags.push_back({tag.name, Kind::mapped, "joined with the other values of that name"});
    } else {
      plan.tags.push_back({tag.name, Kind::kept, ""});
    }
  }
}

void plan_pictures(const Metadata& source, const Format& target, Transfer& plan) {
  for (const Picture& picture : source.pictures) {
    const std::string name(picture_type_name(picture.type));
    const auto drop = [&](std::string why) { plan.pictures.push_back({name, Kind::dropped, std::move(why)}); };
    if (!target.target.holds_pictures) {
      drop(target.target.title + " files hold no pictures");
    } else if (picture.mime_type.empty()) {
      drop("it is no picture of a known kind");
    } else if (picture.data.size() > most_picture_bytes) {
      drop(fmt::format("it is larger than {} MiB", most_picture_bytes / (1024 * 1024)));
    } else if (plan.metadata.pictures.size() >= most_pictures) {
      drop(fmt::format("only {} pictures are carried over", most_pictures));
    } else if (target.tags == TagHolder::itunes && picture.mime_type != "image/jpeg" &&
               picture.mime_type != "image/png" && picture.mime_type != "image/bmp") {
      drop(fmt::format("{} holds JPEG, PNG and BMP only", target.target.title));
    } else {
      plan.metadata.pictures.push_back(picture);
      // There a picture is a cover, and nothing more is told of it.
      const bool is_plain_cover = (picture.type == 0 || picture.type == 3) && picture.description.empty();
      const bool loses_text = target.tags == TagHolder::itunes && !is_plain_cover;
      plan.pictures.push_back(
          {name, loses_text ? Kind::mapped : Kind::kept, loses_text ? "without its type and description" : ""});
    }
  }
}

void plan_chapters(const Metadata& source, const Cut& cut, Transfer& plan) {
  for (const Chapter& chapter : source.chapters) {
    const tasks::AudioTime end = cut.end ? std::min(chapter.end, *cut.end) : chapter.end;
    const tasks::AudioTime start = std::max(chapter.start, cut.start);
    if (start >= end) {
      plan.chapters.push_back({chapter.title, Kind::dropped, "it is outside of the cut"});
    } else if (plan.metadata.chapters.size() >= most_chapters) {
      plan.chapters.push_back(
          {chapter.title, Kind::dropped, fmt::format("only {} chapters are carried over", most_chapters)});
    } else {
      plan.metadata.chapters.push_back({start - cut.start, end - cut.start, chapter.title});
      const bool is_shifted = cut.start > tasks::AudioTime::zero() || end != chapter.end;
      plan.chapters.push_back(
          {chapter.title, is_shifted ? Kind::mapped : Kind::kept, is_shifted ? "moved with the cut" : ""});
    }
  }
}

}  // namespace

Transfer plan_transfer(const Metadata& source, const Format& target, const Cut& cut) {
  Transfer plan;
  plan_tags(source, target, plan);
  plan_pictures(source, target, plan);
  plan_chapters(source, cut, plan);
  return plan;
}

}  // namespace decant::audio
