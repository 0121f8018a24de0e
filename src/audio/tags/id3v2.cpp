#include "audio/tags/id3v2.h"

#include "audio/tags/bytes.h"
#include "audio/tags/names.h"

namespace decant::audio {

namespace {

constexpr std::uint8_t utf8_encoding = 3;

std::uint32_t syncsafe(std::size_t size) {
  const auto value = static_cast<std::uint32_t>(size);
  return (value & 0x7F) | (value & 0x3F80) << 1 | (value & 0x1FC000) << 2 | (value & 0xFE00000) << 3;
}

void write_frame(ByteWriter& out, std::string_view id, const ByteWriter& body) {
  out.text(id);
  out.be32(syncsafe(body.size()));
  out.be16(0);
  out.bytes(body.get());
}

void write_text_frame(ByteWriter& out, std::string_view id, std::string_view text) {
  ByteWriter body;
  body.u8(utf8_encoding);
  body.text(text);
  write_frame(out, id, body);
}

/// COMM, USLT and TXXX have a description before the text.
void write_described_frame(ByteWriter& out, std::string_view id, std::string_view description, std::string_view text) {
  ByteWriter body;
  body.u8(utf8_encoding);
  if (id != "TXXX") body.text("XXX");  // the language is not known
  body.text(description);
  body.u8(0);
  body.text(text);
  write_frame(out, id, body);
}

void write_tag(ByteWriter& out, const std::string& name, std::string_view values) {
  const std::string_view id = own_tag_name(TagHolder::id3v2, name);
  const bool is_other_frame =
      name.size() == 4 && name.front() == 'T' && name != "TXXX" &&
      std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
  if (id == "COMM" || id == "USLT") {
    write_described_frame(out, id, "", values);
  } else if (!id.empty()) {
    write_text_frame(out, id, values);
  } else if (is_other_frame) {
    write_text_frame(out, name, values);
  } else {
    write_described_frame(out, "TXXX", name, values);
  }
}

void write_picture(ByteWriter& out, const Picture& picture) {
  ByteWriter body;
  body.u8(utf8_encoding);
  body.text(picture.mime_type);
  body.u8(0);
  body.u8(static_cast<std::uint8_t>(picture.type));
  body.text(picture.description);
  body.u8(0);
  body.bytes(picture.data);
  write_frame(out, "APIC", body);
}

/// ID3v2 Chapter Frame Addendum: times in milliseconds, byte offsets unused.
void write_chapters(ByteWriter& out, const std::vector<Chapter>& chapters) {
  const std::size_t count = std::min<std::size_t>(chapters.size(), 255);
  if (count == 0) return;
  const auto element = [](std::size_t index) { return fmt::format("chp{}", index); };
  const auto milliseconds = [](tasks::AudioTime time) { return static_cast<std::uint32_t>(time.count() / 1000); };
  ByteWriter toc;
  toc.text("toc");
  toc.u8(0);
  toc.u8(3);  // top level, ordered
  toc.u8(static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    toc.text(element(i));
    toc.u8(0);
  }
  write_frame(out, "CTOC", toc);
  for (std::size_t i = 0; i < count; ++i) {
    ByteWriter body;
    body.text(element(i));
    body.u8(0);
    body.be32(milliseconds(chapters[i].start));
    body.be32(milliseconds(chapters[i].end));
    body.be64(~std::uint64_t{0});
    if (!chapters[i].title.empty()) write_text_frame(body, "TIT2", chapters[i].title);
    write_frame(out, "CHAP", body);
  }
}

}  // namespace

std::vector<std::uint8_t> make_id3v2(const Metadata& metadata) {
  ByteWriter frames;
  for (std::size_t i = 0; i < metadata.tags.size(); ++i) {
    const auto& tag = metadata.tags[i];
    const auto is_same_name = [&](const tasks::Tag& other) { return other.name == tag.name; };
    if (std::any_of(metadata.tags.begin(), metadata.tags.begin() + static_cast<std::ptrdiff_t>(i), is_same_name))
      continue;
    std::string values = tag.value;
    for (std::size_t later = i + 1; later < metadata.tags.size(); ++later) {
      if (!is_same_name(metadata.tags[later])) continue;
      values += '\0';
      values += metadata.tags[later].value;
    }
    write_tag(frames, tag.name, values);
  }
  for (const Picture& picture : metadata.pictures) write_picture(frames, picture);
  write_chapters(frames, metadata.chapters);
  if (frames.size() == 0) return {};
  ByteWriter tag;
  tag.text("ID3");
  tag.be16(0x0400);
  tag.u8(0);
  tag.be32(syncsafe(frames.size()));
  tag.bytes(frames.get());
  return tag.take();
}

}  // namespace decant::audio
