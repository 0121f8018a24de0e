#include "audio/tags/transfer.h"

#include "audio/tags/picture.h"
#include "audio/tags/placement.h"

namespace decant::audio {

namespace {

constexpr std::size_t most_tags = 512;
constexpr std::size_t most_pictures = 32;
// FLAC's blocks, the narrowest place for a picture, end at 16 MiB.
constexpr std::size_t most_picture_bytes = 16 * 1024 * 1024 - 4096;
constexpr std::size_t most_chapters = 255;

using Kind = Fate::Kind;

void plan_tags(const Metadata& source, const Format& target, Transfer& plan) {
  for (const tasks::Tag& tag : source.tags) {
    if (plan.metadata.tags.size() >= most_tags) {
      plan.tags.push_back({tag.name, Kind::dropped, fmt::format("only {} tags are carried over", most_tags)});
      continue;
    }
    Placement placement = place_tag(tag, source.tags, target, plan.metadata.tags);
    plan.tags.push_back({tag.name, placement.kind, std::move(placement.why)});
    std::ranges::move(placement.written, std::back_inserter(plan.metadata.tags));
  }
  for (const Unread& unread : source.unread) plan.tags.push_back({unread.name, Kind::dropped, unread.why});
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
