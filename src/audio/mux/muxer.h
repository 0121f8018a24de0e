#pragma once

#include <memory>

#include "audio/av/io.h"
#include "audio/metadata.h"
#include "audio/pcm_digest.h"

namespace decant::audio {

/// The tag formats.
enum class TagHolder { id3v2, vorbis_comment, itunes, ape, riff_info, asf };

/// Writes one encoded stream into a container.
class Muxer {
 public:
  virtual ~Muxer() = default;
  /// Before the first packet. `stream` tells of the packets; its initial_padding is the delay that players shall leave
  /// out, 0 where nobody knows of any. `metadata` holds only what the container can.
  virtual Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) = 0;
  /// In order; times in samples, from -initial_padding. The packet's content is the muxer's afterwards.
  virtual Result<void> write(AVPacket& packet) = 0;
  /// Before finish(), where the encoder was asked for a quality, on the target's scale.
  virtual void set_quality(double) {}
  /// Before finish(), for lossless targets.
  virtual void set_digest(const PcmDigest::Value&) {}
  /// After the last packet: `samples` a channel shall be heard. All bytes reached the file's buffer.
  virtual Result<void> finish(std::int64_t samples) = 0;
};

}  // namespace decant::audio
