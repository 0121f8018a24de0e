#include "audio/tags/asf_read.h"

#include "audio/tags/asf_ids.h"
#include "audio/tags/charset.h"
#include "audio/tags/names.h"
#include "base/bytes.h"
#include "tasks/picture.h"

namespace decant::audio {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr int most_objects = 1000;

std::string to_text(Bytes utf16) {
  std::string text = from_utf16(utf16, ByteOrder::little_endian);
  text.resize(std::min(text.find('\0'), text.size()));
  return text;
}

/// UTF-16 up to its NUL.
std::string take_text(ByteReader& in) {
  std::vector<std::uint8_t> text;
  while (in.left() >= 2) {
    const Bytes unit = in.take(2);
    if (unit[0] == 0 && unit[1] == 0) break;
    text.insert(text.end(), unit.begin(), unit.end());
  }
  return to_text(text);
}

void read_picture(Bytes value, Metadata& metadata) {
  ByteReader in(value);
  Picture picture;
  picture.type = in.u8();
  if (picture.type > 20) picture.type = 0;
  const std::uint32_t size = in.le32();
  take_text(in);  // the MIME type, which is not to be trusted
  picture.description = take_text(in);
  const Bytes data = in.take(size);
  if (!in.ok() || data.empty()) return;
  picture.data.assign(data.begin(), data.end());
  picture.mime_type = tasks::sniff_picture(picture.data);
  metadata.pictures.push_back(std::move(picture));
}

void add_attribute(const std::string& own_name, asf::ValueType type, Bytes value, Metadata& metadata) {
  if (own_name == "WM/Picture") return read_picture(value, metadata);
  const std::string name = common_tag_name(TagHolder::asf, own_name);
  switch (type) {
    case asf::ValueType::text:
      if (std::string text = to_text(value); !text.empty()) metadata.tags.push_back({name, std::move(text)});
      return;
    case asf::ValueType::boolean:
    case asf::ValueType::number16:
    case asf::ValueType::number32:
    case asf::ValueType::number64:
      metadata.tags.push_back(
          {name, std::to_string(ByteReader(value).little_endian(std::min<std::size_t>(value.size(), 8)))});
      return;
    default: metadata.unread.push_back({clean_text(own_name, 256), "binary data of a single program"});
  }
}

void read_content_description(ByteReader in, Metadata& metadata) {
  std::array<std::size_t, asf::content_fields.size()> sizes{};
  for (std::size_t& size : sizes) size = static_cast<std::size_t>(in.little_endian(2));
  for (std::size_t i = 0; i < sizes.size(); ++i)
    add_attribute(std::string(asf::content_fields[i]), asf::ValueType::text, in.take(sizes[i]), metadata);
}

void read_extended_content(ByteReader in, Metadata& metadata) {
  const auto count = in.little_endian(2);
  for (std::uint64_t i = 0; i < count && in.ok() && metadata.tags.size() < most_values_read; ++i) {
    const std::string name = to_text(in.take(static_cast<std::size_t>(in.little_endian(2))));
    const auto type = static_cast<asf::ValueType>(in.little_endian(2));
    const Bytes value = in.take(static_cast<std::size_t>(in.little_endian(2)));
    if (in.ok()) add_attribute(name, type, value, metadata);
  }
}

/// Metadata and Metadata Library have one form.
void read_library(ByteReader in, Metadata& metadata) {
  const auto count = in.little_endian(2);
  for (std::uint64_t i = 0; i < count && in.ok() && metadata.tags.size() < most_values_read; ++i) {
    in.take(4);  // language and stream
    const auto name_size = static_cast<std::size_t>(in.little_endian(2));
    const auto type = static_cast<asf::ValueType>(in.little_endian(2));
    const std::uint32_t size = in.le32();
    const std::string name = to_text(in.take(name_size));
    const Bytes value = in.take(size);
    if (in.ok()) add_attribute(name, type, value, metadata);
  }
}

void read_object(std::string_view id, const ByteReader& body, Metadata& metadata) {
  if (id == asf::content_description) read_content_description(body, metadata);
  if (id == asf::extended_content) read_extended_content(body, metadata);
  if (id == asf::metadata || id == asf::metadata_library) read_library(body, metadata);
}

template <class Visit>
void visit_objects(ByteReader in, const Visit& visit) {
  for (int objects = 0; objects < most_objects && in.left() >= 24; ++objects) {
    const std::string_view id = in.text(16);
    const std::uint64_t size = in.little_endian(8);
    if (size < 24 || size - 24 > in.left()) return;
    visit(id, ByteReader(in.take(static_cast<std::size_t>(size - 24))));
  }
}

}  // namespace

Metadata parse_asf_header(Bytes header) {
  ByteReader in(header);
  in.take(30);
  Metadata metadata;
  visit_objects(in, [&](std::string_view id, ByteReader body) {
    if (id != asf::header_extension) return read_object(id, body, metadata);
    body.take(22);
    visit_objects(body,
                  [&](std::string_view inner, const ByteReader& content) { read_object(inner, content, metadata); });
  });
  return metadata;
}

}  // namespace decant::audio
