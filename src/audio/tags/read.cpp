#include "audio/tags/read.h"

#include "audio/tags/names.h"
#include "audio/tags/native.h"
#include "audio/tags/picture.h"
#include "audio/tags/trailing.h"

namespace decant::audio {

namespace {

// Longer values are no names for people; they are cut rather than carried through the whole service.
constexpr std::size_t most_name_bytes = 256;
constexpr std::size_t most_value_bytes = 64 * 1024;

std::string_view find_entry(const AVDictionary* dictionary, const char* name) {
  const AVDictionaryEntry* entry = av_dict_get(dictionary, name, nullptr, 0);
  return entry == nullptr ? std::string_view() : std::string_view(entry->value);
}

Metadata read_dictionary(const AVDictionary* dictionary) {
  Metadata metadata;
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr)
    metadata.tags.push_back({common_tag_name(entry->key), entry->value});
  return metadata;
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
  const bool has_native_pictures = !metadata.pictures.empty();
  if (metadata.tags.empty()) {
    metadata.tags = read_id3v2_lists(source);
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
  for (tasks::Tag& tag : metadata.tags) {
    tag.name = clean_text(tag.name, most_name_bytes);
    tag.value = clean_text(tag.value, most_value_bytes);
  }
  std::erase_if(metadata.tags, [](const tasks::Tag& tag) { return tag.name.empty() || tag.value.empty(); });
  for (Picture& picture : metadata.pictures) picture.description = clean_text(picture.description, most_name_bytes);
  return metadata;
}

}  // namespace decant::audio
