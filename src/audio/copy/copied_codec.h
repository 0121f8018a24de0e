#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "audio/av/libav.h"

namespace decant::audio {

/// How many samples a channel a packet gives, from its own bytes; asked for all packets of a stream, in order. Nothing
/// for a packet that is no whole one of that stream.
using PacketLength = std::function<std::optional<std::int64_t>(std::span<const std::uint8_t> packet)>;

/// A codec whose packets can go from one container into another.
struct CopiedCodec {
  AVCodecID id;
  /// Empty where the stream's description is damaged, or tells of a kind that cannot be copied.
  PacketLength (*measure)(const AVCodecParameters& stream);
};

extern const CopiedCodec mp3_packets;
extern const CopiedCodec aac_packets;  ///< AAC LC, with or without ADTS headers
extern const CopiedCodec alac_packets;
extern const CopiedCodec flac_packets;  ///< of a fixed block size
extern const CopiedCodec vorbis_packets;
extern const CopiedCodec opus_packets;  ///< RFC 6716, section 3; 48 kHz

}  // namespace decant::audio
