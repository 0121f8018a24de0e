#include "audio/tags/riff_info.h"

#include "audio/tags/charset.h"
#include "audio/tags/names.h"
#include "base/bytes.h"

namespace decant::audio {

std::vector<tasks::Tag> parse_riff_info(std::span<const std::uint8_t> body) {
  ByteReader in(body);
  if (in.text(4) != "INFO") return {};
  std::vector<tasks::Tag> tags;
  while (in.left() >= 8 && tags.size() < most_values_read) {
    const std::string_view id = in.text(4);
    const std::uint32_t size = in.le32();
    std::string_view value = in.text(size);
    if (!in.ok()) break;
    if (size % 2 != 0 && in.left() > 0) in.take(1);
    value = value.substr(0, value.find('\0'));
    // ISRC names a source there, no recording code; ITRK is what some write for IPRT.
    const std::string name = id == "ISRC"   ? "source"
                             : id == "ITRK" ? "track"
                                            : common_tag_name(TagHolder::riff_info, id);
    if (!value.empty()) tags.push_back({name, from_utf8_or_latin1(value)});
  }
  return tags;
}

}  // namespace decant::audio
