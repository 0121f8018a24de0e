#include "audio/tags/read.h"

#include "audio/tags/names.h"
#include "audio/tags/native.h"
#include "audio/tags/picture.h"

namespace decant::audio {

namespace {

// Longer values are no names for people; they are cut rather than carried through the whole service.
constexpr std::size_t most_name_bytes = 256;
constexpr std::size_t most_value_bytes = 64 * 1024;

std::string_view find_entry(const AVDictionary* dictionary, const char* name) {
  const AVDictionaryEntry* entry = av_dict_get(dictionary, name, nullptr, 0);
  return entry == nullptr ? std::string_view() : std::string_view(entry->value);
}

/// Tags of the file and of the stream (where Ogg has them); the file's come first and win.
void read_dictionary(const AVDictionary* dictionary, Metadata& metadata) {
  const std::size_t known = metadata.tags.size();
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    std::string name = common_tag_name(entry->key);
    const auto end = metadata.tags.begin() + static_cast<std::ptrdiff_t>(known);
    if (std::any_of(metadata.tags.begin(), end, [&](const tasks::Tag& tag) { return tag.name == name; })) continue;
    metadata.tags.push_back({std::move(name), entry->value});
  }
}

std::optional<Picture> read_picture(const AVStream& stream) {
  const AVPacket& packet = stream.attached_pic;
  if ((stream.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0 || packet.size <= 0) return std::nullopt;
  Picture picture;
  picture.data.assign(packet.data, packet.data + packet.size);
  picture.mime_type = sniff_picture(picture.data);
  const std::string_view type = find_entry(stream.metadata, "comment");
  picture.type = type.empty() ? 3 : find_picture_type(type);
  picture.description = find_entry(stream.metadata, "title");
  return picture;
}

tasks::AudioTime chapter_time(std::int64_t time, const AVChapter& chapter) {
  return std::max(tasks::AudioTime(av_rescale_q(time, chapter.time_base, av::microseconds)), tasks::AudioTime::zero());
}

}  // namespace

Metadata read_metadata(const Source& source) {
  const AVFormatContext& context = source.format();
  // libavformat joins repeated names and forgets their limits, so where the tags can be had as they are, they are.
  Metadata metadata = read_native_metadata(source);
  const bool has_native_tags = !metadata.tags.empty();
  const bool has_native_pictures = !metadata.pictures.empty();
  if (!has_native_tags) {
    read_dictionary(context.metadata, metadata);
    read_dictionary(source.stream().metadata, metadata);
  }
  for (unsigned i = 0; i < context.nb_streams && !has_native_pictures; ++i) {
    if (auto picture = read_picture(*context.streams[i])) metadata.pictures.push_back(*std::move(picture));
  }
  for (unsigned i = 0; i < context.nb_chapters; ++i) {
    const AVChapter& chapter = *context.chapters[i];
    metadata.chapters.push_back({chapter_time(chapter.start, chapter), chapter_time(chapter.end, chapter),
                                 clean_text(find_entry(chapter.metadata, "title"), most_name_bytes)});
  }
  for (tasks::Tag& tag : metadata.tags) {
    tag.name = clean_text(tag.name, most_name_bytes);
    tag.value = clean_text(tag.value, most_value_bytes);
  }
  std::erase_if(metadata.tags, [](const tasks::Tag& tag) { return tag.name.empty() || tag.value.empty(); });
  for (Picture& picture : metadata.pictures) picture.description = clean_text(picture.description, most_name_bytes);
  return metadata;
}

}  // namespace decant::audio
