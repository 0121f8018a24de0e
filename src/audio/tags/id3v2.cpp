#include "audio/tags/id3v2.h"

#include "audio/tags/names.h"
#include "base/bytes.h"

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

void write_custom_frame(ByteWriter& out, std::string_view name, std::string_view values) {
  ByteWriter body;
  body.u8(utf8_encoding);
  body.text(name);
  body.u8(0);
  body.text(values);
  write_frame(out, "TXXX", body);
}

/// COMM and USLT.
void write_language_frame(ByteWriter& out, std::string_view id, const tasks::Tag& tag, std::string_view values) {
  ByteWriter body;
  body.u8(utf8_encoding);
  body.text(tag.language.size() == 3 ? tag.language : "XXX");
  body.text(tag.description);
  body.u8(0);
  body.text(values);
  write_frame(out, id, body);
}

void write_url_frame(ByteWriter& out, std::string_view id, const tasks::Tag& tag) {
  ByteWriter body;
  if (id == "WXXX") {
    body.u8(utf8_encoding);
    body.text(tag.description);
    body.u8(0);
  }
  body.text(tag.value);
  write_frame(out, id, body);
}

void write_file_id_frame(ByteWriter& out, std::string_view owner, std::string_view id) {
  ByteWriter body;
  body.text(owner);
  body.u8(0);
  body.text(id);
  write_frame(out, "UFID", body);
}

/// Whether a name that is in no table is a frame's that holds a text or a URL.
bool is_frame_id(std::string_view name) {
  return name.size() == 4 && (name.front() == 'T' || name.front() == 'W') && name != "TXXX" && name != "WXXX" &&
         std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

/// `values` are those of all tags with the first one's name, language and description, with NULs between them.
void write_tag(ByteWriter& out, const tasks::Tag& tag, std::string_view values) {
  constexpr std::string_view custom = "TXXX:";
  constexpr std::string_view file_id = "UFID:";
  std::string_view id = own_tag_name(TagHolder::id3v2, tag.name);
  if (id.empty()) id = is_frame_id(tag.name) || tag.name.starts_with(custom) ? std::string_view(tag.name) : "";
  if (id.starts_with(file_id)) {
    write_file_id_frame(out, id.substr(file_id.size()), tag.value);
  } else if (id.starts_with(custom)) {
    write_custom_frame(out, id.substr(custom.size()), values);
  } else if (id == "COMM" || id == "USLT") {
    write_language_frame(out, id, tag, values);
  } else if (id.starts_with('W') && id != "WFED") {
    write_url_frame(out, id, tag);
  } else if (!id.empty()) {
    write_text_frame(out, id, values);
  } else {
    write_custom_frame(out, custom_tag_name(tag.name), values);
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
  for (auto tag = metadata.tags.begin(); tag != metadata.tags.end(); ++tag) {
    const auto shares_frame = [&](const tasks::Tag& other) {
      return other.name == tag->name && other.language == tag->language && other.description == tag->description;
    };
    if (std::any_of(metadata.tags.begin(), tag, shares_frame)) continue;
    std::string values = tag->value;
    for (auto later = tag + 1; later != metadata.tags.end(); ++later) {
      if (!shares_frame(*later)) continue;
      values += '\0';
      values += later->value;
    }
    write_tag(frames, *tag, values);
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
