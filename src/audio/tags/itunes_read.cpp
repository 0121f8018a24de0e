#include "audio/tags/itunes_read.h"

#include <array>

#include "audio/tags/charset.h"
#include "audio/tags/id3v1.h"
#include "audio/tags/names.h"
#include "base/bytes.h"
#include "tasks/picture.h"

namespace decant::audio {

namespace {

using Bytes = std::span<const std::uint8_t>;

/// The well-known types of a data box that are told as text (QuickTime File Format, "Well-Known Types").
enum class DataType : std::uint32_t { implicit = 0, utf8 = 1, utf16 = 2, integer = 21, unsigned_integer = 22 };

/// Items that only Apple's store reads.
constexpr std::array<std::string_view, 12> store_items = {"apID", "akID", "atID", "cnID", "geID", "plID",
                                                          "sfID", "cmID", "rtng", "xid ", "ownr", "flvr"};

struct Box {
  std::string_view type;
  Bytes body;
};

/// The next box; an empty type at the end.
Box next_box(ByteReader& in) {
  const std::uint32_t size = in.be32();
  Box box{.type = in.text(4), .body = {}};
  if (!in.ok() || size < 8) return {};
  box.body = in.take(size - 8);
  return in.ok() ? box : Box{};
}

std::string number_text(Bytes value) {
  std::int64_t number = 0;
  if (value.empty() || value.size() > 8) return {};
  if ((value.front() & 0x80) != 0) number = -1;
  for (const std::uint8_t byte : value)
    number = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) << 8 | byte);
  return std::to_string(number);
}

/// "3/12" of trkn and disk; empty where nothing is set.
std::string number_of_total(Bytes value) {
  ByteReader in(value);
  in.take(2);
  const auto number = in.big_endian(2);
  const auto total = in.big_endian(2);
  if (number == 0 && total == 0) return {};
  return total == 0 ? std::to_string(number) : fmt::format("{}/{}", number, total);
}

std::string value_text(std::string_view item, DataType type, Bytes value) {
  const std::string_view bytes(reinterpret_cast<const char*>(value.data()), value.size());
  if (item == "trkn" || item == "disk") return number_of_total(value);
  if (item == "gnre") return std::string(genre_name(ByteReader(value).big_endian(2) - 1));
  switch (type) {
    case DataType::utf8: return from_utf8_or_latin1(bytes);
    case DataType::utf16: return from_utf16(value, ByteOrder::big_endian);
    case DataType::integer:
    case DataType::unsigned_integer: return number_text(value);
    case DataType::implicit:
      if (item == "cpil" || item == "pgap" || item == "pcst" || item == "tmpo" || item == "stik")
        return number_text(value);
      return {};
  }
  return {};
}

void read_item(const Box& item, Metadata& metadata) {
  std::string name = item.type == "gnre" ? "genre" : common_tag_name(TagHolder::itunes, item.type);
  ByteReader in(item.body);
  while (in.left() > 0 && metadata.tags.size() < most_values_read) {
    const Box part = next_box(in);
    if (part.type.empty()) return;
    ByteReader body(part.body);
    if (part.type == "name") {
      body.take(4);
      const std::string own(body.text(body.left()));
      name = common_tag_name(TagHolder::itunes, "----:" + own);
      if (name.starts_with("----:")) name = common_tag_name(own);
    }
    if (part.type != "data") continue;
    const auto type = static_cast<DataType>(body.be32() & 0xFFFFFF);
    body.take(4);  // country and language
    const Bytes value = body.peek();
    if (!body.ok()) return;
    if (item.type == "covr") {
      metadata.pictures.push_back(
          {.mime_type = tasks::sniff_picture(value), .description = {}, .data = {value.begin(), value.end()}});
    } else if (std::string text = value_text(item.type, type, value); !text.empty()) {
      metadata.tags.push_back({name, std::move(text)});
    } else if (!value.empty() && item.type != "trkn" && item.type != "disk") {
      metadata.unread.push_back({clean_text(name, 256), "binary data of a single program"});
    }
  }
}

}  // namespace

Metadata parse_itunes_items(Bytes items) {
  Metadata metadata;
  ByteReader in(items);
  while (in.left() > 0 && metadata.tags.size() < most_values_read) {
    const Box item = next_box(in);
    if (item.type.empty()) break;
    if (std::ranges::find(store_items, item.type) != store_items.end()) {
      metadata.unread.push_back({std::string(item.type), "it belongs to an account of Apple's store"});
    } else {
      read_item(item, metadata);
    }
  }
  return metadata;
}

}  // namespace decant::audio
