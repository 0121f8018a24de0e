#include "audio/copy/adts.h"

namespace decant::audio {

std::optional<AdtsFrame> read_adts_frame(std::span<const std::uint8_t> packet) {
  if (packet.size() < 7 || packet[0] != 0xff || (packet[1] & 0xf6) != 0xf0) return std::nullopt;
  const std::size_t header = (packet[1] & 1) != 0 ? 7 : 9;  // with a checksum: two more
  const std::size_t size =
      static_cast<std::size_t>(packet[3] & 3) << 11 | static_cast<std::size_t>(packet[4]) << 3 | packet[5] >> 5;
  const bool is_one_block = (packet[6] & 3) == 0;
  const unsigned object_type = (packet[2] >> 6) + 1U;
  const unsigned rate = packet[2] >> 2 & 0xfU;
  const unsigned channels = (packet[2] & 1U) << 2 | packet[3] >> 6;
  if (size != packet.size() || size <= header || !is_one_block || channels == 0) return std::nullopt;
  const unsigned config = object_type << 11 | rate << 7 | channels << 3;
  return AdtsFrame{{static_cast<std::uint8_t>(config >> 8), static_cast<std::uint8_t>(config)}, packet.subspan(header)};
}

}  // namespace decant::audio
