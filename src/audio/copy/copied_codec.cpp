#include "audio/copy/copied_codec.h"

#include <array>
#include <memory>
#include <utility>

#include "audio/mp3_frame.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

using Bytes = std::span<const std::uint8_t>;

Bytes description(const AVCodecParameters& stream) {
  return {stream.extradata, static_cast<std::size_t>(stream.extradata_size)};
}

PacketLength always(std::int64_t samples) {
  if (samples <= 0) return {};
  return [samples](Bytes packet) { return packet.empty() ? std::nullopt : std::optional(samples); };
}

struct FreedVorbis {
  void operator()(AVVorbisParseContext* parser) const { av_vorbis_parse_free(&parser); }
};

PacketLength measure_mp3(const AVCodecParameters& stream) {
  return [rate = stream.sample_rate](Bytes packet) -> std::optional<std::int64_t> {
    const auto header = parse_mp3_header(packet);
    if (!header || header->sample_rate != rate || std::cmp_not_equal(header->frame_size, packet.size())) return {};
    return header->samples;
  };
}

PacketLength measure_aac(const AVCodecParameters& stream) {
  return stream.profile == FF_PROFILE_AAC_LOW ? always(stream.frame_size) : PacketLength{};
}

PacketLength measure_alac(const AVCodecParameters& stream) {
  // ALACSpecificConfig, behind the header of its box.
  constexpr std::size_t frame_length_position = 12;
  ByteReader in(description(stream));
  in.take(frame_length_position);
  const std::uint32_t frame_length = in.be32();
  return in.ok() ? always(frame_length) : PacketLength{};
}

PacketLength measure_flac(const AVCodecParameters& stream) {
  ByteReader in(description(stream));
  const auto smallest = static_cast<std::int64_t>(in.big_endian(2));
  const auto largest = static_cast<std::int64_t>(in.big_endian(2));
  if (!in.ok() || smallest != largest) return {};
  return [largest](Bytes packet) {
    const bool is_fixed_size = packet.size() > 2 && packet[0] == 0xff && packet[1] == 0xf8;
    return is_fixed_size ? std::optional(largest) : std::nullopt;
  };
}

PacketLength measure_vorbis(const AVCodecParameters& stream) {
  const std::shared_ptr<AVVorbisParseContext> parser(av_vorbis_parse_init(stream.extradata, stream.extradata_size),
                                                     FreedVorbis{});
  if (parser == nullptr) return {};
  return [parser, is_first = true](Bytes packet) mutable -> std::optional<std::int64_t> {
    const int samples = av_vorbis_parse_frame(parser.get(), packet.data(), static_cast<int>(packet.size()));
    if (samples < 0) return std::nullopt;
    // The first block has none before it to overlap with.
    return std::exchange(is_first, false) ? 0 : samples;
  };
}

PacketLength measure_opus(const AVCodecParameters&) {
  return [](Bytes packet) -> std::optional<std::int64_t> {
    if (packet.empty()) return std::nullopt;
    const int config = packet[0] >> 3;
    static constexpr std::array silk = {480, 960, 1920, 2880};
    static constexpr std::array celt = {120, 240, 480, 960};
    const auto place = static_cast<std::size_t>(config & 3);
    const int frame = config < 12 ? silk[place] : config < 16 ? ((config & 1) == 0 ? 480 : 960) : celt[place];
    switch (packet[0] & 3) {
      case 0: return frame;
      case 1:
      case 2: return 2 * frame;
      default: break;
    }
    if (packet.size() < 2) return std::nullopt;
    return frame * (packet[1] & 0x3f);
  };
}

}  // namespace

const CopiedCodec mp3_packets{AV_CODEC_ID_MP3, measure_mp3};
const CopiedCodec aac_packets{AV_CODEC_ID_AAC, measure_aac};
const CopiedCodec alac_packets{AV_CODEC_ID_ALAC, measure_alac};
const CopiedCodec flac_packets{AV_CODEC_ID_FLAC, measure_flac};
const CopiedCodec vorbis_packets{AV_CODEC_ID_VORBIS, measure_vorbis};
const CopiedCodec opus_packets{AV_CODEC_ID_OPUS, measure_opus};

}  // namespace decant::audio
