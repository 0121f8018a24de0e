#pragma once

#include <functional>

#include "audio/analysis/sound_analysis.h"
#include "audio/decoder.h"
#include "audio/resampler.h"
#include "audio/steps/processing.h"
#include "audio/trim.h"

namespace decant::audio {

/// The sound as the encoder shall get it, pulled frame by frame: decode → trim → resample/remix → steps → quantize.
class PcmStream {
 public:
  /// `first` is the frame that `decoder` gave last. `analysis`, where there is one, is shown what the trim leaves.
  /// `decoder` and `analysis` outlive the stream.
  PcmStream(Decoder& decoder, AVFrame* first, const tasks::ConversionOptions& options, Processing processing,
            SoundAnalysis* analysis)
      : decoder_(&decoder),
        frame_(first),
        trim_(options, decoder.sound().sample_rate),
        analysis_(analysis),
        processing_(std::move(processing)),
        resampler_(floats_or_target(processing_)),
        finisher_(processing_.target) {}

  /// From now on, `listener` hears all that next() gives out.
  void listen(std::function<void(const AVFrame&)> listener) { listener_ = std::move(listener); }
  /// From now on, next() comes to an end after so many samples a channel, and samples() counts from 0. False when there
  /// is nothing left. Without this, the whole sound is one part.
  Result<bool> begin_part(std::optional<std::int64_t> length);
  /// The next samples, valid until the next call; nullptr at the end of the part, the source or the cut.
  Result<AVFrame*> next();
  /// What every frame has.
  [[nodiscard]] const SampleFormat& format() const { return processing_.target; }
  /// Samples a channel that next() gave out, of this part.
  [[nodiscard]] std::int64_t samples() const { return samples_; }
  /// Samples that steps brought beyond what the target holds.
  [[nodiscard]] std::int64_t overs() const { return processing_.overs ? processing_.overs->count() : 0; }
  /// The part of the source that was read, 0 to 1.
  [[nodiscard]] double progress() const { return decoder_->progress(); }

 private:
  static SampleFormat floats_or_target(const Processing& processing);
  Result<AVFrame*> process(AVFrame* frame);
  Result<AVFrame*> convert_next();
  Result<AVFrame*> read();
  Result<AVFrame*> take_head(AVFrame& frame, int count);

  Decoder* decoder_;
  AVFrame* frame_;  // of the decoder; nullptr at its end
  Trim trim_;
  SoundAnalysis* analysis_;
  Processing processing_;
  Resampler resampler_;
  Resampler finisher_;        // from floats to what the encoder takes, where steps ran and nothing is quantized
  bool wants_frame_ = false;  // frame_ was given out: the next call shall ask the decoder for another
  bool flushed_ = false;
  AVFrame* rest_ = nullptr;            // was read, and belongs to the next part
  av::Frame head_ = av::make_frame();  // the end of a part, of a frame that goes on in the next
  std::optional<std::int64_t> left_;   // of this part
  std::int64_t samples_ = 0;
  std::function<void(const AVFrame&)> listener_;
};

}  // namespace decant::audio
