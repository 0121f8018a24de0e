#pragma once

#include "audio/av/handles.h"
#include "audio/av/io.h"
#include "audio/completeness/completeness.h"
#include "audio/formats/format.h"
#include "audio/sniff.h"

namespace decant::audio {

/// An opened file and the one audio stream of it that is converted.
class Source {
 public:
  /// Recognises, opens and checks a file; reads by pread only. unsupported_media where there is no audio that can be
  /// read, unprocessable where a cheap check shows that a part of it is missing.
  static Result<Source> open(int descriptor);

  /// The bytes [begin, end) of a file that were just written as what `container` reads: nothing is sniffed or checked.
  static Result<Source> open_part(int descriptor, const Container& container, ByteCount begin, ByteCount end);

  [[nodiscard]] AVFormatContext& format() const { return *context_; }
  [[nodiscard]] AVStream& stream() const { return *stream_; }
  [[nodiscard]] const AVCodec& decoder() const { return *decoder_; }
  [[nodiscard]] const Container& container() const { return *sniffed_.container; }
  [[nodiscard]] const Sniffed& sniffed() const { return sniffed_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] ByteCount size() const { return size_; }
  /// The next packet of any stream, by av_read_frame's rules.
  [[nodiscard]] int read(AVPacket& packet) const;
  /// Whether the codec keeps every bit of a sample.
  [[nodiscard]] bool is_lossless() const;
  /// Bits of a sample; 0 for lossy codecs.
  [[nodiscard]] int bits_per_sample() const;
  /// Whether there are moving pictures beside the sound.
  [[nodiscard]] bool has_video() const;
  /// Samples a channel, without the encoder's delay and padding, where the file tells them exactly.
  [[nodiscard]] std::optional<std::int64_t> exact_samples() const;
  /// The length that the container promises, where such promises are kept: a file that decodes to less has lost
  /// something.
  [[nodiscard]] std::optional<tasks::AudioTime> promised_duration() const;
  /// The length by the container, where it tells; nothing above tasks::longest_audio.
  [[nodiscard]] std::optional<tasks::AudioTime> duration() const;

 private:
  Source() = default;
  Result<void> open_container();
  [[nodiscard]] bool is_plain_wave() const;
  [[nodiscard]] std::optional<tasks::AudioTime> claimed_duration() const;
  int descriptor_ = -1;
  ByteCount size_ = 0;
  Sniffed sniffed_;
  Claims claims_;
  std::unique_ptr<av::InputFile> file_;
  av::InputContext context_;
  AVStream* stream_ = nullptr;
  const AVCodec* decoder_ = nullptr;
  /// Where samples are read without libavformat, in terms of its I/O; 0: it reads them.
  ByteCount plain_end_ = 0;
};

/// An allowed decoder for the codec; nullptr when there is none.
[[nodiscard]] const AVCodec* find_decoder(AVCodecID id);

/// The names of the demuxers and decoders that are allowed at all, comma-separated.
[[nodiscard]] const std::string& allowed_demuxers();
[[nodiscard]] const std::string& allowed_decoders();

}  // namespace decant::audio
