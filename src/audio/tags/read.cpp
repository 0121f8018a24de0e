#include "audio/tags/read.h"

#include "audio/tags/charset.h"
#include "audio/tags/names.h"
#include "audio/tags/native.h"
#include "audio/tags/picture.h"
#include "audio/tags/trailing.h"
#include "tasks/picture.h"

namespace decant::audio {

namespace {

// Longer names are no names for people; they are cut rather than carried through the whole service.
constexpr std::size_t most_name_bytes = 256;
// Of a tag, and of all of them: what a report of them and a hostile file may cost.
constexpr std::size_t most_value_bytes = 512 * 1024;
constexpr std::size_t most_tag_bytes = 1024 * 1024;

std::string_view find_entry(const AVDictionary* dictionary, const char* name) {
  const AVDictionaryEntry* entry = av_dict_get(dictionary, name, nullptr, 0);
  return entry == nullptr ? std::string_view() : std::string_view(entry->value);
}

/// libavformat tells the language of a tag at the end of its name: "LYRICS-eng".
tasks::Tag split_language(std::string_view key) {
  constexpr std::size_t suffix_size = 4;
  const std::size_t dash = key.size() < suffix_size ? std::string_view::npos : key.size() - suffix_size;
  const bool has_language = dash != std::string_view::npos && dash > 0 && key[dash] == '-' &&
                            std::ranges::all_of(key.substr(dash + 1), [](char c) { return c >= 'a' && c <= 'z'; });
  std::string name = has_language ? common_tag_name(key.substr(0, dash)) : std::string();
  // A custom name may end so by itself.
  if (own_tag_name(TagHolder::vorbis_comment, name).empty()) return {common_tag_name(key), {}};
  return {std::move(name), {}, std::string(key.substr(dash + 1))};
}

Metadata read_dictionary(const AVDictionary* dictionary) {
  Metadata metadata;
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    tasks::Tag tag = split_language(entry->key);
    tag.value = from_utf8_or_latin1(entry->value);
    // ISO 639-2 for "undetermined": MP4 and Matroska have it wherever nobody told a language.
    if (tag.name == "language" && tag.value == "und") continue;
    // It tells the tag of the file's default language twice.
    const auto is_same = [&](const tasks::Tag& other) { return other.name == tag.name && other.value == tag.value; };
    const auto same = std::ranges::find_if(metadata.tags, is_same);
    if (same == metadata.tags.end()) {
      metadata.tags.push_back(std::move(tag));
    } else if (same->language.empty()) {
      same->language = tag.language;
    }
  }
  return metadata;
}

std::optional<Picture> read_picture(const AVStream& stream) {
  const AVPacket& packet = stream.attached_pic;
  if ((stream.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0 || packet.size <= 0) return std::nullopt;
  Picture picture;
  picture.data.assign(packet.data, packet.data + packet.size);
  picture.mime_type = tasks::sniff_picture(picture.data);
  const std::string_view type = find_entry(stream.metadata, "comment");
  picture.type = type.empty() ? 3 : find_picture_type(type);
  picture.description = find_entry(stream.metadata, "title");
  return picture;
}

tasks::AudioTime chapter_time(std::int64_t time, const AVChapter& chapter) {
  return std::max(tasks::AudioTime(av_rescale_q(time, chapter.time_base, av::microseconds)), tasks::AudioTime::zero());
}

/// Makes texts valid and keeps what is told within its bounds.
void clean(Metadata& metadata) {
  std::vector<tasks::Tag> tags;
  std::size_t bytes = 0;
  for (tasks::Tag& tag : metadata.tags) {
    tag.name = clean_text(tag.name, most_name_bytes);
    tag.language = clean_text(tag.language, 3);
    tag.description = clean_text(tag.description, most_name_bytes);
    tag.value = clean_text(tag.value, 3 * most_value_bytes);
    if (tag.name.empty() || tag.value.empty()) continue;
    bytes += tag.name.size() + tag.value.size();
    if (tag.value.size() > most_value_bytes || bytes > most_tag_bytes) {
      metadata.unread.push_back(
          {std::move(tag.name), fmt::format("only tags of {} KiB, {} KiB in all, are carried over",
                                            most_value_bytes / 1024, most_tag_bytes / 1024)});
    } else {
      tags.push_back(std::move(tag));
    }
  }
  metadata.tags = std::move(tags);
  for (Picture& picture : metadata.pictures) picture.description = clean_text(picture.description, most_name_bytes);
}

}  // namespace

Metadata read_metadata(const Source& source) {
  const AVFormatContext& context = source.format();
  Metadata metadata = read_native_metadata(source);
  const bool has_native_pictures = !metadata.pictures.empty();
  // QuickTime has places for tags beside iTunes's.
  if (metadata.tags.empty() || source.container().demuxer == std::string_view("mov")) {
    add_missing(read_dictionary(context.metadata), metadata);
    // Where Ogg has them.
    add_missing(read_dictionary(source.stream().metadata), metadata);
  }
  for (unsigned i = 0; i < context.nb_streams && !has_native_pictures; ++i) {
    if (auto picture = read_picture(*context.streams[i])) metadata.pictures.push_back(*std::move(picture));
  }
  if (source.sniffed().end < source.size())
    add_missing(read_trailing_tags(source.descriptor(), source.size()), metadata);
  for (unsigned i = 0; i < context.nb_chapters; ++i) {
    const AVChapter& chapter = *context.chapters[i];
    metadata.chapters.push_back({chapter_time(chapter.start, chapter), chapter_time(chapter.end, chapter),
                                 clean_text(find_entry(chapter.metadata, "title"), most_name_bytes)});
  }
  clean(metadata);
  return metadata;
}

}  // namespace decant::audio
