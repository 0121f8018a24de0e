#pragma once

#include "audio/copy/copied_codec.h"
#include "audio/mux/muxer.h"
#include "audio/source.h"

namespace decant::audio {

/// Takes a source's packets to a muxer, with times of their own: containers count in coarser units, or wrongly.
class PacketCopier {
 public:
  /// `samples` a channel are heard of the source, which nothing was read of yet. `source` and `muxer` outlive this.
  PacketCopier(const Source& source, PacketLength length, std::int64_t samples, Muxer& muxer);

  /// All of them, once; unprocessable where one cannot be carried over.
  Result<void> run(const Metadata& metadata);

 private:
  Result<void> take(AVPacket& packet, const Metadata& metadata);
  Result<void> take_header(AVPacket& packet);
  Result<void> begin(const Metadata& metadata);
  Result<void> write(AVPacket& packet);

  const Source* source_;
  PacketLength length_;
  std::int64_t samples_;
  Muxer* muxer_;
  av::CodecParameters stream_ = av::make_codec_parameters();
  bool has_headers_ = false;  // ADTS
  bool is_begun_ = false;
  std::int64_t delay_ = 0;
  std::int64_t position_ = 0;
  std::vector<av::Packet> first_;  // up to the first that is heard
};

}  // namespace decant::audio
