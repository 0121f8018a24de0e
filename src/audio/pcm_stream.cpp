#include "audio/pcm_stream.h"

namespace decant::audio {

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
  DECANT_TRY(AVFrame * frame, convert_next());
  if (frame == nullptr) return nullptr;
  samples_ += frame->nb_samples;
  if (digest_ != nullptr) digest_->add(*frame);
  return frame;
}

}  // namespace decant::audio
