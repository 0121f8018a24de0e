#include "audio/tags/itunes.h"

#include <charconv>

#include "audio/tags/names.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

/// The well-known types of a data box (QuickTime File Format, "Well-Known Types").
enum class DataType : std::uint32_t { binary = 0, utf8 = 1, jpeg = 13, png = 14, integer = 21, bmp = 27 };

void write_box(ByteWriter& out, std::string_view type, const ByteWriter& body) {
  out.be32(static_cast<std::uint32_t>(body.size() + 8));
  out.text(type);
  out.bytes(body.get());
}

void write_data(ByteWriter& out, DataType type, std::span<const std::uint8_t> value) {
  ByteWriter body;
  body.be32(static_cast<std::uint32_t>(type));
  body.be32(0);  // any country and language
  body.bytes(value);
  write_box(out, "data", body);
}

void write_text_data(ByteWriter& out, std::string_view text) {
  write_data(out, DataType::utf8, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

/// "3/12" as two numbers; nothing for anything else.
std::optional<std::pair<std::uint16_t, std::uint16_t>> parse_number_of_total(std::string_view text) {
  const auto parse = [](std::string_view digits) -> std::optional<std::uint16_t> {
    std::uint16_t number = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
  };
  const std::size_t slash = text.find('/');
  const auto number = parse(text.substr(0, slash));
  const auto total = slash == std::string_view::npos ? std::optional<std::uint16_t>(0) : parse(text.substr(slash + 1));
  if (!number || !total) return std::nullopt;
  return std::pair(*number, *total);
}

bool holds_number_of_total(std::string_view box) { return box == "trkn" || box == "disk"; }
bool holds_number(std::string_view box) {
  return holds_number_of_total(box) || box == "cpil" || box == "tmpo" || box == "pcst";
}
bool holds_flag(std::string_view box) { return box == "cpil" || box == "pcst"; }

/// False where the value is no such number.
bool write_number_box(ByteWriter& out, std::string_view box, std::string_view value) {
  const auto numbers = parse_number_of_total(value);
  if (!numbers || (numbers->second != 0 && !holds_number_of_total(box))) return false;
  ByteWriter data;
  if (holds_number_of_total(box)) {
    data.be16(0);
    data.be16(numbers->first);
    data.be16(numbers->second);
    if (box == "trkn") data.be16(0);
  } else if (holds_flag(box)) {
    data.u8(numbers->first != 0 ? 1 : 0);
  } else {
    data.be16(numbers->first);
  }
  ByteWriter item;
  write_data(item, holds_number_of_total(box) ? DataType::binary : DataType::integer, data.get());
  write_box(out, box, item);
  return true;
}

void write_freeform(ByteWriter& out, std::string_view name, const std::vector<std::string_view>& values) {
  ByteWriter item;
  const auto write_part = [&](std::string_view type, std::string_view text) {
    ByteWriter part;
    part.be32(0);
    part.text(text);
    write_box(item, type, part);
  };
  write_part("mean", "com.apple.iTunes");
  write_part("name", name);
  for (const std::string_view value : values) write_text_data(item, value);
  write_box(out, "----", item);
}

void write_tag(ByteWriter& out, const std::string& name, const std::vector<std::string_view>& values) {
  constexpr std::string_view freeform = "----:";
  const std::string_view box = own_tag_name(TagHolder::itunes, name);
  if (holds_number(box) && write_number_box(out, box, values.front())) return;
  if (box.starts_with(freeform)) {
    write_freeform(out, box.substr(freeform.size()), values);
    return;
  }
  if (box.empty() || holds_number(box)) {
    write_freeform(out, custom_tag_name(name), values);
    return;
  }
  ByteWriter item;
  for (const std::string_view value : values) write_text_data(item, value);
  write_box(out, box, item);
}

void write_pictures(ByteWriter& out, const std::vector<Picture>& pictures) {
  if (pictures.empty()) return;
  ByteWriter item;
  for (const Picture& picture : pictures) {
    const DataType type = picture.mime_type == "image/png"   ? DataType::png
                          : picture.mime_type == "image/bmp" ? DataType::bmp
                                                             : DataType::jpeg;
    write_data(item, type, picture.data);
  }
  write_box(out, "covr", item);
}

ByteWriter make_item_list(const Metadata& metadata) {
  ByteWriter list;
  for (std::size_t i = 0; i < metadata.tags.size(); ++i) {
    const std::string& name = metadata.tags[i].name;
    std::vector<std::string_view> values;
    bool is_first = true;
    for (std::size_t other = 0; other < metadata.tags.size(); ++other) {
      if (metadata.tags[other].name != name) continue;
      if (other < i) is_first = false;
      values.push_back(metadata.tags[other].value);
    }
    if (is_first) write_tag(list, name, values);
  }
  write_pictures(list, metadata.pictures);
  return list;
}

ByteWriter make_meta_box(const ByteWriter& item_list) {
  ByteWriter handler;
  handler.be32(0);
  handler.be32(0);
  handler.text("mdir");
  handler.text("appl");
  handler.zeros(9);
  ByteWriter meta;
  meta.be32(0);
  write_box(meta, "hdlr", handler);
  write_box(meta, "ilst", item_list);
  return meta;
}

/// Nero's list: times in units of 100 ns.
ByteWriter make_chapter_list(const std::vector<Chapter>& chapters) {
  ByteWriter list;
  const std::size_t count = std::min<std::size_t>(chapters.size(), 255);
  list.be32(0x01000000);
  list.be32(0);
  list.u8(static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view title = std::string_view(chapters[i].title).substr(0, 255);
    list.be64(static_cast<std::uint64_t>(chapters[i].start.count()) * 10);
    list.u8(static_cast<std::uint8_t>(title.size()));
    list.text(title);
  }
  return list;
}

}  // namespace

bool is_itunes_number(std::string_view common_name) {
  return holds_number(own_tag_name(TagHolder::itunes, common_name));
}

std::optional<std::string> as_itunes_number(std::string_view common_name, std::string_view value) {
  const std::string_view box = own_tag_name(TagHolder::itunes, common_name);
  const auto numbers = parse_number_of_total(value);
  if (!numbers || (numbers->second != 0 && !holds_number_of_total(box))) return std::nullopt;
  if (holds_flag(box)) return numbers->first != 0 ? "1" : "0";
  if (numbers->second != 0) return fmt::format("{}/{}", numbers->first, numbers->second);
  return std::to_string(numbers->first);
}

std::vector<std::uint8_t> make_itunes_user_data(const Metadata& metadata) {
  const ByteWriter items = make_item_list(metadata);
  if (items.size() == 0 && metadata.chapters.empty()) return {};
  ByteWriter user_data;
  if (!metadata.chapters.empty()) write_box(user_data, "chpl", make_chapter_list(metadata.chapters));
  write_box(user_data, "meta", make_meta_box(items));
  ByteWriter box;
  write_box(box, "udta", user_data);
  return box.take();
}

}  // namespace decant::audio
