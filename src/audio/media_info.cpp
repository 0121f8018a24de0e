#include "audio/media_info.h"

#include "audio/av/error.h"

namespace decant::audio {

namespace {

struct MediaType {
  std::string_view extension;
  std::string_view mime_type;
};

std::string_view major_brand(const Source& source) {
  const AVDictionaryEntry* brand = av_dict_get(source.format().metadata, "major_brand", nullptr, 0);
  return brand == nullptr ? std::string_view() : std::string_view(brand->value);
}

/// Containers that serve several kinds of files go by what is in them.
MediaType media_type(const Source& source) {
  const Container& container = source.container();
  const std::string_view demuxer = container.demuxer;
  const AVCodecID codec = source.stream().codecpar->codec_id;
  const bool video = source.has_video();
  if (demuxer == "ogg") {
    if (video) return {"ogv", "video/ogg"};
    if (codec == AV_CODEC_ID_OPUS) return {"opus", "audio/ogg"};
  } else if (demuxer == "mov") {
    if (major_brand(source).starts_with("qt")) return {"mov", "video/quicktime"};
    if (video) return {"mp4", "video/mp4"};
  } else if (demuxer == "matroska") {
    // WebM is the subset with these codecs; libavformat does not tell the document type.
    const bool webm_codec = codec == AV_CODEC_ID_OPUS || codec == AV_CODEC_ID_VORBIS;
    if (webm_codec) return {"webm", video ? "video/webm" : "audio/webm"};
    if (video) return {"mkv", "video/x-matroska"};
  } else if (demuxer == "asf" && video) {
    return {"wmv", "video/x-ms-wmv"};
  } else if (demuxer == "mp3" && codec == AV_CODEC_ID_MP2) {
    return {"mp2", "audio/mpeg"};
  }
  return {container.extension, container.mime_type};
}

}  // namespace

tasks::MediaInfo describe(const Source& source, const Metadata& metadata) {
  const AVCodecParameters& codec = *source.stream().codecpar;
  const MediaType type = media_type(source);
  tasks::MediaInfo info;
  info.container = source.format().iformat->name;
  info.codec = avcodec_get_name(codec.codec_id);
  info.mime_type = type.mime_type;
  info.extension = type.extension;
  info.duration = source.duration();
  info.sample_rate = codec.sample_rate;
  info.channels = codec.ch_layout.nb_channels;
  info.bits_per_sample = source.bits_per_sample();
  info.bitrate = codec.bit_rate > 0 ? codec.bit_rate : source.format().bit_rate;
  info.tags = metadata.tags;
  info.pictures = static_cast<int>(metadata.pictures.size());
  info.chapters = static_cast<int>(metadata.chapters.size());
  return info;
}

}  // namespace decant::audio
