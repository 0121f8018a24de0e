#pragma once

#include "audio/formats/format.h"
#include "audio/pcm_digest.h"
#include "audio/resampler.h"

namespace decant::audio {

/// Where packets go. The packet's content is the sink's afterwards.
using PacketSink = std::function<Result<void>(AVPacket&)>;

/// Encodes samples into packets.
class Encoder {
 public:
  /// `input` is what write() will be given; `start` is the position of its first sample, so that packets of an encoder
  /// that starts in mid-sound have the times that one from the beginning gives them. unprocessable where the encoder
  /// takes no such combination.
  static Result<Encoder> open(const Format& format, const Encoding& encoding, const SampleFormat& input,
                              std::int64_t start = 0);

  [[nodiscard]] const AVCodecContext& context() const { return *context_; }
  /// Of the packets, for a muxer.
  [[nodiscard]] const AVCodecParameters& stream() const { return *stream_; }
  /// Any number of samples of the kind told at open(), without the first `skip` of the frame.
  Result<void> write(AVFrame& frame, const PacketSink& sink, int skip = 0);
  /// Encodes what is left.
  Result<void> finish(const PacketSink& sink);
  /// Samples a channel that write() was given so far.
  [[nodiscard]] std::int64_t samples() const { return samples_; }
  /// Whether the codec makes a PcmDigest of its own of what it is given.
  [[nodiscard]] bool makes_digest() const { return context_->codec_id == AV_CODEC_ID_FLAC; }
  /// That digest, after finish().
  [[nodiscard]] const PcmDigest::Value& digest() const { return digest_; }

 private:
  Encoder() = default;
  Result<void> send(AVFrame* frame, const PacketSink& sink);
  Result<void> start_block();
  Result<void> write_silence(const PacketSink& sink);
  Result<void> take(AVFrame& frame, const PacketSink& sink, int skip);
  void keep_digest();

  av::CodecContext context_;
  av::CodecParameters stream_ = av::make_codec_parameters();
  av::Packet packet_ = av::make_packet();
  av::Frame block_ = av::make_frame();  // being filled up to the encoder's frame size
  int filled_ = 0;
  int silent_frames_ = 0;
  std::int64_t samples_ = 0;
  std::int64_t sent_ = 0;  // the position of the next block, silence included
  PcmDigest::Value digest_{};
};

/// The rate nearest to `wanted` that the format holds: the next higher one, so that nothing is lost, else the highest,
/// of whole fractions first.
[[nodiscard]] int nearest_rate(const tasks::TargetFormat& format, int wanted);
/// The layout that `codec` takes for `wanted`: itself, else one of as many channels, else the one with the most below.
[[nodiscard]] av::ChannelLayout nearest_layout(const AVCodec& codec, const tasks::TargetFormat& format,
                                               const av::ChannelLayout& wanted);

}  // namespace decant::audio
