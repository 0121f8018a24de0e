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

Result<AVFrame*> PcmStream::read() {
  if (std::exchange(wants_frame_, false)) {
    DECANT_TRY(frame_, decoder_->next());
  }
  DECANT_TRY(AVFrame * converted, convert_next());
  return process(converted);
}

/// The first `count` samples of the frame; those behind them stay in it.
Result<AVFrame*> PcmStream::take_head(AVFrame& frame, int count) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const int channels = frame.ch_layout.nb_channels;
  av_frame_unref(head_.get());
  head_->format = frame.format;
  head_->sample_rate = frame.sample_rate;
  head_->nb_samples = count;
  av_channel_layout_copy(&head_->ch_layout, &frame.ch_layout);
  if (av_frame_get_buffer(head_.get(), 0) < 0 || av_frame_make_writable(&frame) < 0) throw std::bad_alloc();
  av_samples_copy(head_->extended_data, frame.extended_data, 0, 0, count, channels, format);
  frame.nb_samples -= count;
  av_samples_copy(frame.extended_data, frame.extended_data, 0, count, frame.nb_samples, channels, format);
  return head_.get();
}

Result<bool> PcmStream::begin_part(std::optional<std::int64_t> length) {
  left_ = length;
  samples_ = 0;
  if (rest_ == nullptr) {
    DECANT_TRY(rest_, read());
  }
  return rest_ != nullptr;
}

Result<AVFrame*> PcmStream::next() {
  if (left_ && *left_ <= 0) return nullptr;
  AVFrame* frame = std::exchange(rest_, nullptr);
  if (frame == nullptr) {
    DECANT_TRY(frame, read());
  }
  if (frame == nullptr) return nullptr;
  if (left_ && frame->nb_samples > *left_) {
    rest_ = frame;
    DECANT_TRY(frame, take_head(*rest_, static_cast<int>(*left_)));
  }
  if (left_) *left_ -= frame->nb_samples;
  samples_ += frame->nb_samples;
  if (listener_) listener_(*frame);
  return frame;
}

}  // namespace decant::audio
