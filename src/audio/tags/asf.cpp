#include "audio/tags/asf.h"

#include <limits>

#include "audio/tags/asf_ids.h"
#include "audio/tags/charset.h"
#include "audio/tags/names.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Attribute {
  std::string name;
  asf::ValueType type = asf::ValueType::text;
  Bytes value;
};

Bytes make_text(std::string_view text) {
  Bytes bytes = to_utf16_little_endian(text);
  bytes.resize(bytes.size() + 2);
  return bytes;
}

Bytes make_picture(const Picture& picture) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(picture.type));
  out.le32(static_cast<std::uint32_t>(picture.data.size()));
  out.bytes(make_text(picture.mime_type));
  out.bytes(make_text(picture.description));
  out.bytes(picture.data);
  return out.take();
}

void write_object(ByteWriter& out, std::string_view id, const ByteWriter& body) {
  out.text(id);
  out.le64(body.size() + 24);
  out.bytes(body.get());
}

constexpr std::size_t most_short_bytes = std::numeric_limits<std::uint16_t>::max();

bool is_short(const Attribute& attribute) { return attribute.value.size() <= most_short_bytes; }

/// Takes the first value of each field out of `attributes`.
ByteWriter make_content_description(std::vector<Attribute>& attributes) {
  ByteWriter sizes;
  ByteWriter values;
  for (const std::string_view field : asf::content_fields) {
    const auto is_it = [&](const Attribute& attribute) { return attribute.name == field && is_short(attribute); };
    const auto found = std::ranges::find_if(attributes, is_it);
    if (found == attributes.end()) {
      sizes.le16(0);
      continue;
    }
    sizes.le16(static_cast<std::uint16_t>(found->value.size()));
    values.bytes(found->value);
    attributes.erase(found);
  }
  sizes.bytes(values.get());
  return sizes;
}

ByteWriter make_extended_content(const std::vector<Attribute>& attributes) {
  ByteWriter out;
  out.le16(static_cast<std::uint16_t>(std::ranges::count_if(attributes, is_short)));
  for (const Attribute& attribute : attributes) {
    if (!is_short(attribute)) continue;
    const Bytes name = make_text(attribute.name);
    out.le16(static_cast<std::uint16_t>(name.size()));
    out.bytes(name);
    out.le16(static_cast<std::uint16_t>(attribute.type));
    out.le16(static_cast<std::uint16_t>(attribute.value.size()));
    out.bytes(attribute.value);
  }
  return out;
}

ByteWriter make_library(const std::vector<Attribute>& attributes) {
  ByteWriter out;
  out.le16(static_cast<std::uint16_t>(std::ranges::count_if(attributes, std::not_fn(is_short))));
  for (const Attribute& attribute : attributes) {
    if (is_short(attribute)) continue;
    const Bytes name = make_text(attribute.name);
    out.le16(0);  // no language
    out.le16(0);  // about the whole file
    out.le16(static_cast<std::uint16_t>(name.size()));
    out.le16(static_cast<std::uint16_t>(attribute.type));
    out.le32(static_cast<std::uint32_t>(attribute.value.size()));
    out.bytes(name);
    out.bytes(attribute.value);
  }
  return out;
}

}  // namespace

AsfMetadata make_asf_metadata(const Metadata& metadata) {
  std::vector<Attribute> attributes;
  for (const tasks::Tag& tag : metadata.tags) {
    const std::string_view own = own_tag_name(TagHolder::asf, tag.name);
    attributes.push_back(
        {.name = std::string(own.empty() ? custom_tag_name(tag.name) : own), .value = make_text(tag.value)});
  }
  for (const Picture& picture : metadata.pictures)
    attributes.push_back({"WM/Picture", asf::ValueType::bytes, make_picture(picture)});
  if (attributes.empty()) return {};
  AsfMetadata made{.objects = {}, .object_count = 2, .extension = {}};
  ByteWriter objects;
  write_object(objects, asf::content_description, make_content_description(attributes));
  write_object(objects, asf::extended_content, make_extended_content(attributes));
  made.objects = objects.take();
  if (!std::ranges::all_of(attributes, is_short)) {
    ByteWriter extension;
    write_object(extension, asf::metadata_library, make_library(attributes));
    made.extension = extension.take();
  }
  return made;
}

}  // namespace decant::audio
