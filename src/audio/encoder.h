#pragma once

#include "audio/formats/format.h"
#include "audio/resampler.h"

namespace decant::audio {

/// Encodes samples and hands the packets to a muxer.
class Encoder {
 public:
  /// `input` is what write() will be given. unprocessable where the encoder takes no such combination.
  static Result<Encoder> open(const Format& format, const Encoding& encoding, const SampleFormat& input);

  [[nodiscard]] const AVCodecContext& context() const { return *context_; }
  /// Any number of samples of the kind told at open().
  Result<void> write(AVFrame& frame, Muxer& muxer);
  /// Encodes what is left.
  Result<void> finish(Muxer& muxer);
  /// Samples a channel that write() was given so far.
  [[nodiscard]] std::int64_t samples() const { return samples_; }

 private:
  Encoder() = default;
  Result<void> send(AVFrame* frame, Muxer& muxer);
  Result<void> start_block();
  Result<void> write_silence(Muxer& muxer);
  Result<void> take(AVFrame& frame, Muxer& muxer);

  av::CodecContext context_;
  av::Packet packet_ = av::make_packet();
  av::Frame block_ = av::make_frame();  // being filled up to the encoder's frame size
  int filled_ = 0;
  int silent_frames_ = 0;
  std::int64_t samples_ = 0;
  std::int64_t sent_ = 0;
};

/// The rate nearest to `wanted` that the format holds: the next higher one, so that nothing is lost, else the highest,
/// of whole fractions first.
[[nodiscard]] int nearest_rate(const tasks::TargetFormat& format, int wanted);
/// The layout that `codec` takes for `wanted`: itself, else one of as many channels, else the one with the most below.
[[nodiscard]] av::ChannelLayout nearest_layout(const AVCodec& codec, const tasks::TargetFormat& format,
                                               const av::ChannelLayout& wanted);

}  // namespace decant::audio
