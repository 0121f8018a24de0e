#include "audio/tags/vorbis_comment.h"

#include <span>

#include "audio/av/libav.h"
#include "audio/tags/names.h"
#include "base/bytes.h"
#include "tasks/picture.h"

namespace decant::audio {

namespace {

constexpr std::string_view picture_field = "METADATA_BLOCK_PICTURE";

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text(AV_BASE64_SIZE(bytes.size()), '\0');
  av_base64_encode(text.data(), static_cast<int>(text.size()), bytes.data(), static_cast<int>(bytes.size()));
  text.pop_back();  // its NUL
  return text;
}

std::vector<std::uint8_t> from_base64(std::string_view text) {
  std::vector<std::uint8_t> bytes(AV_BASE64_DECODE_SIZE(text.size()));
  const int size = av_base64_decode(bytes.data(), std::string(text).c_str(), static_cast<int>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max(size, 0)));
  return bytes;
}

std::string chapter_time(tasks::AudioTime time) {
  const auto ms = time.count() / 1000;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

}  // namespace

std::string vorbis_field_name(std::string_view name) {
  std::string field(custom_tag_name(name));
  for (char& character : field) {
    if (character < 0x20 || character > 0x7D || character == '=') character = '_';
    if (character >= 'a' && character <= 'z') character = static_cast<char>(character - ('a' - 'A'));
  }
  return field;
}

std::vector<std::uint8_t> make_flac_picture(const Picture& picture) {
  const tasks::PictureSize size = tasks::measure_picture(picture.data);
  ByteWriter out;
  out.be32(static_cast<std::uint32_t>(picture.type));
  out.be32(static_cast<std::uint32_t>(picture.mime_type.size()));
  out.text(picture.mime_type);
  out.be32(static_cast<std::uint32_t>(picture.description.size()));
  out.text(picture.description);
  out.be32(size.width);
  out.be32(size.height);
  out.be32(size.depth);
  out.be32(0);
  out.be32(static_cast<std::uint32_t>(picture.data.size()));
  out.bytes(picture.data);
  return out.take();
}

std::optional<Picture> parse_flac_picture(std::span<const std::uint8_t> body) {
  ByteReader in(body);
  Picture picture;
  picture.type = static_cast<int>(in.be32());
  picture.mime_type = in.text(in.be32());
  picture.description = clean_text(in.text(in.be32()), 1024);
  in.take(16);
  const auto data = in.take(in.be32());
  if (!in.ok() || data.empty() || picture.mime_type == "-->") return std::nullopt;
  if (picture.type < 0 || picture.type > 20) picture.type = 0;
  picture.data.assign(data.begin(), data.end());
  picture.mime_type = tasks::sniff_picture(picture.data);
  return picture;
}

std::vector<std::uint8_t> make_vorbis_comment(const Metadata& metadata, PicturePlace place) {
  std::vector<std::string> fields;
  for (const tasks::Tag& tag : metadata.tags) fields.push_back(vorbis_field_name(tag.name) + "=" + tag.value);
  for (std::size_t i = 0; i < metadata.chapters.size() && i < 1000; ++i) {
    fields.push_back(fmt::format("CHAPTER{:03}={}", i, chapter_time(metadata.chapters[i].start)));
    if (!metadata.chapters[i].title.empty())
      fields.push_back(fmt::format("CHAPTER{:03}NAME={}", i, metadata.chapters[i].title));
  }
  if (place == PicturePlace::comments) {
    for (const Picture& picture : metadata.pictures) {
      fields.push_back(std::string(picture_field) + "=" + to_base64(make_flac_picture(picture)));
    }
  }
  ByteWriter out;
  constexpr std::string_view vendor = "decant";
  out.le32(static_cast<std::uint32_t>(vendor.size()));
  out.text(vendor);
  out.le32(static_cast<std::uint32_t>(fields.size()));
  for (const std::string& field : fields) {
    out.le32(static_cast<std::uint32_t>(field.size()));
    out.text(field);
  }
  return out.take();
}

void read_vorbis_comment(std::span<const std::uint8_t> body, Metadata& metadata) {
  ByteReader in(body);
  in.take(in.le32());  // the vendor
  const std::uint32_t count = in.le32();
  for (std::uint32_t i = 0; i < count && in.ok() && metadata.tags.size() < most_values_read; ++i) {
    const std::string_view field = in.text(in.le32());
    const std::size_t equals = field.find('=');
    if (!in.ok() || equals == std::string_view::npos) continue;
    const std::string_view name = field.substr(0, equals);
    const std::string_view value = field.substr(equals + 1);
    if (equals_ignoring_case(name, picture_field)) {
      if (auto picture = parse_flac_picture(from_base64(value))) metadata.pictures.push_back(*std::move(picture));
    } else if (!name.starts_with("CHAPTER")) {  // libavformat reads those
      metadata.tags.push_back({common_tag_name(TagHolder::vorbis_comment, name), std::string(value)});
    }
  }
}

}  // namespace decant::audio
