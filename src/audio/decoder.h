#pragma once

#include "audio/source.h"

namespace decant::audio {

/// Audio that is missing from what was decoded.
struct Loss {
  tasks::AudioTime position{};  ///< in the source
  std::string reason;
};

/// A decoder of the source's codec for its packets as they are; of lossless codecs it checks every sum. unprocessable
/// where the file describes its codec wrongly.
Result<av::CodecContext> open_codec(const Source& source);

/// Decodes a source from its first sample to its last, with the encoder's delay and padding left out as the file tells.
class Decoder {
 public:
  /// `source` outlives the decoder.
  static Result<Decoder> open(const Source& source);

  /// The next frame with samples, valid until the next call; nullptr at the end. What cannot be decoded is left out and
  /// stands in losses(); unprocessable when nothing but damage is found for long, or nothing at all could be decoded.
  Result<AVFrame*> next();

  /// Samples a channel given out so far.
  [[nodiscard]] std::int64_t samples() const { return samples_; }
  /// Samples a channel of the sound as the first frame tells it; after the first next().
  [[nodiscard]] const Sound& sound() const { return sound_; }
  [[nodiscard]] const std::vector<Loss>& losses() const { return losses_; }
  /// Where in the file the demuxer is, 0 to 1.
  [[nodiscard]] double progress() const;

 private:
  explicit Decoder(const Source& source) : source_(&source) {}
  Result<void> feed();
  Result<void> note_damage(std::string reason);
  void note_gap(const AVFrame& frame);
  void note_missing_end();
  bool cut_padding(AVFrame& frame) const;
  [[nodiscard]] tasks::AudioTime position() const;

  const Source* source_;
  av::CodecContext context_;
  av::Frame frame_ = av::make_frame();
  av::Packet packet_ = av::make_packet();
  bool drained_ = false;
  std::int64_t samples_ = 0;
  std::int64_t next_pts_ = AV_NOPTS_VALUE;  // in samples
  int damage_run_ = 0;                      // units in a row that could not be decoded
  std::int64_t damaged_units_ = 0;
  std::int64_t good_units_ = 0;
  std::vector<Loss> losses_;
  Sound sound_;
};

}  // namespace decant::audio
