#include "audio/tags/transfer.h"

#include "audio/tags/names.h"
#include "audio/tags/picture.h"
#include "audio/tags/placement.h"

namespace decant::audio {

namespace {

constexpr std::size_t most_tags = 512;
constexpr std::size_t most_pictures = 32;
constexpr int front_cover = 3;
constexpr std::size_t most_chapters = 255;

using Kind = Fate::Kind;

bool tells_level(std::string_view name) {
  const auto begins_with = [&](std::string_view beginning) {
    return equals_ignoring_case(name.substr(0, beginning.size()), beginning);
  };
  return begins_with("REPLAYGAIN_") || begins_with("R128_");
}

std::optional<std::string> find_reason_to_drop(const tasks::Tag& tag, const Cut& cut,
                                               const tasks::MetadataOptions& asked) {
  if (cut.has_other_level && tells_level(tag.name)) return "it is wrong for the level that was asked for";
  if (describes_old_file(tag.name)) return "it describes the old file";
  const auto is_it = [&](const tasks::TagEdit& edit) { return common_tag_name(edit.name) == tag.name; };
  const auto edit = std::ranges::find_if(asked.edits, is_it);
  if (edit != asked.edits.end()) return edit->values.empty() ? "removed as asked" : "replaced as asked";
  if (asked.tags == tasks::Keep::drop) return "removed as asked";
  return std::nullopt;
}

std::vector<tasks::Tag> make_tags(const std::vector<tasks::TagEdit>& edits) {
  std::vector<tasks::Tag> tags;
  for (const tasks::TagEdit& edit : edits) {
    for (const std::string& value : edit.values) tags.push_back({common_tag_name(edit.name), value});
  }
  return tags;
}

void plan_tags(const Metadata& source, const Format& target, const Cut& cut, const tasks::MetadataOptions& asked,
               Transfer& plan) {
  const std::vector<tasks::Tag> added = make_tags(asked.edits);
  std::vector<tasks::Tag> wanted;
  for (const tasks::Tag& tag : source.tags) {
    if (!find_reason_to_drop(tag, cut, asked)) wanted.push_back(tag);
  }
  wanted.insert(wanted.end(), added.begin(), added.end());
  const auto place = [&](const tasks::Tag& tag) -> Fate {
    if (plan.metadata.tags.size() >= most_tags)
      return {tag.name, Kind::dropped, fmt::format("only {} tags are carried over", most_tags)};
    Placement placement = place_tag(tag, wanted, target, plan.metadata.tags);
    std::ranges::move(placement.written, std::back_inserter(plan.metadata.tags));
    return {tag.name, placement.kind, std::move(placement.why)};
  };
  for (const tasks::Tag& tag : source.tags) {
    if (auto reason = find_reason_to_drop(tag, cut, asked)) {
      plan.tags.push_back({tag.name, Kind::dropped, *std::move(reason)});
    } else {
      plan.tags.push_back(place(tag));
    }
  }
  for (const Unread& unread : source.unread) plan.tags.push_back({unread.name, Kind::dropped, unread.why});
  for (const tasks::Tag& tag : added) {
    Fate fate = place(tag);
    if (fate.kind != Kind::dropped) fate.kind = Kind::added;
    plan.tags.push_back(std::move(fate));
  }
}

Fate place_picture(const Picture& picture, const Format& target, Transfer& plan) {
  Picture written = picture;
  Fate fate{.name = std::string(picture_type_name(picture.type)), .kind = Kind::kept, .why = {}};
  // There a picture is a cover, and nothing more is told of it.
  const bool is_plain_cover = (picture.type == 0 || picture.type == front_cover) && picture.description.empty();
  if (target.tags == TagHolder::itunes && !is_plain_cover) {
    fate.kind = Kind::mapped;
    fate.why = "without its type and description";
  }
  // "ID3 tag version 2.4.0 - Native Frames" section 4.14: one with a description.
  const auto is_taken = [&](const Picture& other) { return other.description == written.description; };
  for (int number = 2; target.tags == TagHolder::id3v2 && std::ranges::any_of(plan.metadata.pictures, is_taken);
       ++number) {
    written.description = fmt::format("{}{}{}", picture.description, picture.description.empty() ? "" : " ", number);
    fate.kind = Kind::mapped;
    fate.why = fmt::format("described as \"{}\", to tell it from the one before", written.description);
  }
  plan.metadata.pictures.push_back(std::move(written));
  return fate;
}

/// A picture that is kept, or why it cannot be.
Fate plan_picture(const Picture& picture, const Format& target, Transfer& plan) {
  const auto drop = [&](std::string why) {
    return Fate{std::string(picture_type_name(picture.type)), Kind::dropped, std::move(why)};
  };
  if (!target.target.holds_pictures) return drop(target.target.title + " files hold no pictures");
  if (picture.mime_type.empty()) return drop("it is no picture of a known kind");
  if (picture.data.size() > most_picture_bytes)
    return drop(fmt::format("it is larger than {} MiB", most_picture_bytes / (1024 * 1024)));
  if (plan.metadata.pictures.size() >= most_pictures)
    return drop(fmt::format("only {} pictures are carried over", most_pictures));
  if (target.tags == TagHolder::itunes && picture.mime_type != "image/jpeg" && picture.mime_type != "image/png" &&
      picture.mime_type != "image/bmp") {
    return drop(fmt::format("{} holds JPEG, PNG and BMP only", target.target.title));
  }
  return place_picture(picture, target, plan);
}

void plan_pictures(const Metadata& source, const Format& target, tasks::Keep keep, const Picture* cover,
                   Transfer& plan) {
  std::optional<Fate> cover_fate;
  // It goes first: in some formats what stands first is the cover.
  if (cover != nullptr) cover_fate = plan_picture(*cover, target, plan);
  if (cover_fate && cover_fate->kind != Kind::dropped) cover_fate->kind = Kind::added;
  // Only the first: where pictures have no types, all of them are taken for front covers.
  const auto replaced = cover_fate && cover_fate->kind == Kind::added
                            ? std::ranges::find(source.pictures, front_cover, &Picture::type)
                            : source.pictures.end();
  for (auto picture = source.pictures.begin(); picture != source.pictures.end(); ++picture) {
    const std::string name(picture_type_name(picture->type));
    if (picture == replaced) {
      plan.pictures.push_back({name, Kind::dropped, "replaced as asked"});
    } else if (keep == tasks::Keep::drop) {
      plan.pictures.push_back({name, Kind::dropped, "removed as asked"});
    } else {
      plan.pictures.push_back(plan_picture(*picture, target, plan));
    }
  }
  if (cover_fate) plan.pictures.push_back(*std::move(cover_fate));
}

void plan_chapters(const Metadata& source, const Cut& cut, tasks::Chapters wish, Transfer& plan) {
  for (const Chapter& chapter : source.chapters) {
    const tasks::AudioTime end = cut.end ? std::min(chapter.end, *cut.end) : chapter.end;
    const tasks::AudioTime start = std::max(chapter.start, cut.start);
    if (wish == tasks::Chapters::drop) {
      plan.chapters.push_back({chapter.title, Kind::dropped, "removed as asked"});
    } else if (start >= end) {
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

Transfer plan_transfer(const Metadata& source, const Format& target, const Cut& cut,
                       const tasks::MetadataOptions& asked, const Picture* cover) {
  Transfer plan;
  plan_tags(source, target, cut, asked, plan);
  plan_pictures(source, target, asked.pictures, cover, plan);
  plan_chapters(source, cut, asked.chapters, plan);
  return plan;
}

}  // namespace decant::audio
