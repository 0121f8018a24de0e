#include "audio/pcm_stream.h"

#include "audio/av/error.h"

namespace decant::audio {

SampleFormat PcmStream::floats_or_target(const Processing& processing) {
  SampleFormat format = processing.target;
  if (processing.needs_floats()) format.format = AV_SAMPLE_FMT_FLTP;
  return format;
}

Result<AVFrame*> PcmStream::process(AVFrame* frame) {
  if (frame == nullptr || !processing_.needs_floats()) return frame;
  if (!processing_.steps.empty()) {
    if (const int error = av_frame_make_writable(frame); error < 0)
      return av::av_failure(ErrorCode::too_large, {}, error);
  }
  for (const auto& step : processing_.steps) step->apply(*frame);
  if (processing_.overs) processing_.overs->apply(*frame);
  if (processing_.quantizer) return processing_.quantizer->convert(*frame);
  return finisher_.convert(*frame);
}

Result<AVFrame*> PcmStream::convert_next() {
  while (frame_ != nullptr && !trim_.is_done()) {
    AVFrame* converted = nullptr;
    if (trim_.cut(*frame_)) {
      if (analysis_ != nullptr) analysis_->add(*frame_);
      DECANT_TRY(converted, resampler_.convert(*frame_));
    }
    // The decoder reuses its frame, which may be what is given out: so it is asked again only at the next call.
    if (converted != nullptr) {
      wants_frame_ = true;
      return converted;
    }
    DECANT_TRY(frame_, decoder_->next());
  }
  if (std::exchange(flushed_, true)) return nullptr;
  return resampler_.flush();
}

Result<AVFrame*> PcmStream::next() {
  if (std::exchange(wants_frame_, false)) {
    DECANT_TRY(frame_, decoder_->next());
  }
  DECANT_TRY(AVFrame * converted, convert_next());
  DECANT_TRY(AVFrame * frame, process(converted));
  if (frame == nullptr) return nullptr;
  samples_ += frame->nb_samples;
  if (listener_) listener_(*frame);
  return frame;
}

}  // namespace decant::audio
