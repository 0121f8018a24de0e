#include "audio/resampler.h"

#include "audio/av/error.h"
#include "audio/steps/mix_matrix.h"

namespace decant::audio {

namespace {

/// Whether two layouts are the same loudspeakers but for "side" and "back", which files and codecs use for the same
/// pair: such samples pass as they are.
bool are_same_speakers(const AVChannelLayout& a, const AVChannelLayout& b) {
  constexpr std::uint64_t side = AV_CH_SIDE_LEFT | AV_CH_SIDE_RIGHT;
  constexpr std::uint64_t back = AV_CH_BACK_LEFT | AV_CH_BACK_RIGHT;
  const auto normal = [](const AVChannelLayout& layout) {
    const std::uint64_t mask = layout.u.mask;
    return (mask & side) == side && (mask & back) == 0 ? (mask & ~side) | back : mask;
  };
  return a.nb_channels == b.nb_channels && a.order == AV_CHANNEL_ORDER_NATIVE && b.order == AV_CHANNEL_ORDER_NATIVE &&
         normal(a) == normal(b);
}

// soxr's precision in bits of what it computes to. 20 keeps aliases and images below -135 dB at 1.6 times the cost of
// libswresample's own filter, which leaves them at -20 dB near the band's edge; 28 costs 2.3 times as much.
constexpr int resampling_precision = 20;

/// Floats that hold every value of that format.
AVSampleFormat computing_format(AVSampleFormat format) {
  const bool fits_float = av_get_bytes_per_sample(format) <= 2 || av_get_packed_sample_fmt(format) == AV_SAMPLE_FMT_FLT;
  return fits_float ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_DBLP;
}

bool is_layout(const AVChannelLayout& a, const AVChannelLayout& b) {
  return av_channel_layout_compare(&a, &b) == 0 || are_same_speakers(a, b);
}

}  // namespace

Result<void> Resampler::rebuild(const AVFrame& frame) {
  source_ = {static_cast<AVSampleFormat>(frame.format), frame.sample_rate, av::ChannelLayout(frame.ch_layout)};
  changed_rate_ = changed_rate_ || source_.sample_rate != target_.sample_rate;
  samples_in_ = samples_out_ = 0;
  const av::ChannelLayout& from =
      are_same_speakers(source_.layout.get(), target_.layout.get()) ? target_.layout : source_.layout;
  SwrContext* context = nullptr;
  // The signature of this libswresample takes layouts that it does not change as if it did.
  AVChannelLayout to_layout = target_.layout.get();
  AVChannelLayout from_layout = from.get();
  int error = swr_alloc_set_opts2(&context, &to_layout, target_.format, target_.sample_rate, &from_layout,
                                  source_.format, source_.sample_rate, 0, nullptr);
  context_.reset(context);
  if (error >= 0 && source_.sample_rate != target_.sample_rate) {
    av_opt_set(context, "resampler", "soxr", 0);
    av_opt_set_int(context, "precision", resampling_precision, 0);
    // soxr would add a dither of its own to 16-bit samples.
    av_opt_set_sample_fmt(context, "internal_sample_fmt", computing_format(source_.format), 0);
  }
  if (error >= 0 && !(from == target_.layout)) {
    if (const auto matrix = MixMatrix::find(from, target_.layout)) {
      av_opt_set_sample_fmt(context, "internal_sample_fmt", computing_format(source_.format), 0);
      error = swr_set_matrix(context, matrix->data(), matrix->inputs());
    }
  }
  if (error >= 0) error = swr_init(context_.get());
  if (error < 0) {
    return av::av_failure(
        ErrorCode::unprocessable,
        fmt::format("audio of {} Hz and {} channels cannot be brought to {} Hz and {} channels", source_.sample_rate,
                    source_.layout.channels(), target_.sample_rate, target_.layout.channels()),
        error);
  }
  return {};
}

Result<AVFrame*> Resampler::run(const AVFrame* frame, int room) {
  if (room <= 0) return nullptr;
  av_frame_unref(out_.get());
  out_->format = target_.format;
  out_->sample_rate = target_.sample_rate;
  av_channel_layout_copy(&out_->ch_layout, &target_.layout.get());
  out_->nb_samples = room;
  if (const int error = av_frame_get_buffer(out_.get(), 0); error < 0)
    return av::av_failure(ErrorCode::too_large, {}, error);
  const auto** input = frame == nullptr ? nullptr : const_cast<const std::uint8_t**>(frame->extended_data);
  const int made =
      swr_convert(context_.get(), out_->extended_data, room, input, frame == nullptr ? 0 : frame->nb_samples);
  if (made < 0) return av::av_failure(ErrorCode::internal, "the audio could not be resampled", made);
  if (frame != nullptr) samples_in_ += frame->nb_samples;
  samples_out_ += made;
  if (made == 0) return nullptr;
  out_->nb_samples = made;
  return out_.get();
}

Result<AVFrame*> Resampler::convert(AVFrame& frame) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  if (frame.sample_rate == target_.sample_rate && format == target_.format && context_ == nullptr &&
      is_layout(frame.ch_layout, target_.layout.get())) {
    av_channel_layout_copy(&frame.ch_layout, &target_.layout.get());
    return &frame;
  }
  if (context_ == nullptr || source_.sample_rate != frame.sample_rate || source_.format != format ||
      av_channel_layout_compare(&source_.layout.get(), &frame.ch_layout) != 0) {
    DECANT_CHECK(rebuild(frame));
  }
  return run(&frame, swr_get_out_samples(context_.get(), frame.nb_samples));
}

Result<AVFrame*> Resampler::flush() {
  if (context_ == nullptr) return nullptr;
  // A filter's tail gives some samples more or fewer than the ratio; exactly its share is wanted.
  const std::int64_t share = av_rescale(samples_in_, target_.sample_rate, source_.sample_rate);
  return run(nullptr, static_cast<int>(std::clamp<std::int64_t>(share - samples_out_, 0, 1 << 20)));
}

}  // namespace decant::audio
