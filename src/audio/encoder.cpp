#include "audio/encoder.h"

#include "audio/av/error.h"

namespace decant::audio {

Result<Encoder> Encoder::open(const Format& format, const Encoding& encoding, const SampleFormat& input,
                              std::int64_t start) {
  const AVCodec* codec = avcodec_find_encoder_by_name(encoding.encoder);
  if (codec == nullptr) return failure(ErrorCode::internal, "this build cannot write that format", encoding.encoder);
  Encoder encoder;
  encoder.silent_frames_ = encoding.silent_frames;
  encoder.context_ = av::must<av::CodecContext>(avcodec_alloc_context3(codec));
  AVCodecContext& context = *encoder.context_;
  context.sample_rate = input.sample_rate;
  context.sample_fmt = input.format;
  context.time_base = {1, input.sample_rate};
  context.bits_per_raw_sample = encoding.bits;
  context.thread_count = 1;
  // The same input gives the same file; and no random seed is asked for, which the sandbox would refuse.
  context.flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER;
  av_channel_layout_copy(&context.ch_layout, &input.layout.get());
  av::Dictionary options;
  for (const auto& [name, value] : encoding.options) options.set(name.c_str(), value.c_str());
  if (const int error = avcodec_open2(&context, codec, options.address()); error < 0) {
    return av::av_failure(ErrorCode::unprocessable,
                          fmt::format("{} takes no such combination of bitrate or quality with {} Hz and {} channels",
                                      format.target.title, input.sample_rate, input.layout.channels()),
                          error);
  }
  if (avcodec_parameters_from_context(encoder.stream_.get(), &context) < 0) throw std::bad_alloc();
  if (start > 0) {
    // The encoding's silence stands before the sound's beginning only, and moves all the rest.
    const int silence = format.seam == nullptr ? 0 : format.seam->silence;
    const int before = std::exchange(encoder.silent_frames_, silence) - silence;
    encoder.sent_ = start + std::int64_t{before} * context.frame_size;
  }
  return encoder;
}

/// FLAC's encoder ends with a packet that brings the finished STREAMINFO (RFC 9639, 8.2).
void Encoder::keep_digest() {
  constexpr std::size_t place = 18;
  std::size_t size = 0;
  const std::uint8_t* stream_info = av_packet_get_side_data(packet_.get(), AV_PKT_DATA_NEW_EXTRADATA, &size);
  if (stream_info != nullptr && size >= place + digest_.size())
    std::copy_n(stream_info + place, digest_.size(), digest_.begin());
}

Result<void> Encoder::send(AVFrame* frame, const PacketSink& sink) {
  if (frame != nullptr) {
    frame->pts = sent_;
    sent_ += frame->nb_samples;
  }
  if (const int error = avcodec_send_frame(context_.get(), frame); error < 0) {
    return av::av_failure(ErrorCode::unprocessable, "the encoder refused the audio", error);
  }
  for (;;) {
    const int error = avcodec_receive_packet(context_.get(), packet_.get());
    if (error == AVERROR(EAGAIN) || error == AVERROR_EOF) return {};
    if (error < 0) return av::av_failure(ErrorCode::unprocessable, "the encoder gave up on the audio", error);
    if (frame == nullptr && makes_digest()) keep_digest();
    DECANT_CHECK(sink(*packet_));
    av_packet_unref(packet_.get());
  }
}

Result<void> Encoder::start_block() {
  av_frame_unref(block_.get());
  block_->format = context_->sample_fmt;
  block_->sample_rate = context_->sample_rate;
  block_->nb_samples = context_->frame_size;
  av_channel_layout_copy(&block_->ch_layout, &context_->ch_layout);
  if (const int error = av_frame_get_buffer(block_.get(), 0); error < 0)
    return av::av_failure(ErrorCode::too_large, {}, error);
  return {};
}

Result<void> Encoder::write_silence(const PacketSink& sink) {
  const av::Frame silence = av::make_frame();
  silence->format = context_->sample_fmt;
  silence->nb_samples = context_->frame_size * silent_frames_;
  av_channel_layout_copy(&silence->ch_layout, &context_->ch_layout);
  if (const int error = av_frame_get_buffer(silence.get(), 0); error < 0)
    return av::av_failure(ErrorCode::too_large, {}, error);
  av_samples_set_silence(silence->extended_data, 0, silence->nb_samples, context_->ch_layout.nb_channels,
                         context_->sample_fmt);
  return take(*silence, sink, 0);
}

Result<void> Encoder::write(AVFrame& frame, const PacketSink& sink, int skip) {
  if (samples_ == 0 && silent_frames_ > 0) DECANT_CHECK(write_silence(sink));
  samples_ += frame.nb_samples - skip;
  return take(frame, sink, skip);
}

Result<void> Encoder::take(AVFrame& frame, const PacketSink& sink, int skip) {
  if (context_->frame_size == 0) return send(&frame, sink);
  for (int done = skip; done < frame.nb_samples;) {
    if (filled_ == 0) DECANT_CHECK(start_block());
    const int step = std::min(context_->frame_size - filled_, frame.nb_samples - done);
    av_samples_copy(block_->extended_data, frame.extended_data, filled_, done, step, context_->ch_layout.nb_channels,
                    context_->sample_fmt);
    filled_ += step;
    done += step;
    if (filled_ == context_->frame_size) {
      filled_ = 0;
      DECANT_CHECK(send(block_.get(), sink));
    }
  }
  return {};
}

Result<void> Encoder::finish(const PacketSink& sink) {
  if (filled_ > 0) {
    block_->nb_samples = std::exchange(filled_, 0);
    DECANT_CHECK(send(block_.get(), sink));
  }
  return send(nullptr, sink);
}

int nearest_rate(const tasks::TargetFormat& format, int wanted) {
  if (format.sample_rates.empty())
    return std::clamp(wanted, format.sample_rate_range.low, format.sample_rate_range.high);
  int above = 0;
  int highest = 0;
  int fraction = 0;
  for (const int rate : format.sample_rates) {
    if (rate >= wanted && (above == 0 || rate < above)) above = rate;
    if (wanted % rate == 0) fraction = std::max(fraction, rate);
    highest = std::max(highest, rate);
  }
  if (above != 0) return above;
  return fraction > highest / 2 ? fraction : highest;
}

av::ChannelLayout nearest_layout(const AVCodec& codec, const tasks::TargetFormat& format,
                                 const av::ChannelLayout& wanted) {
  const int channels = std::min(wanted.channels(), format.max_channels);
  av::ChannelLayout usual = channels == wanted.channels() ? wanted : av::ChannelLayout::of(channels);
  if (codec.ch_layouts == nullptr) return usual;
  const AVChannelLayout* best = nullptr;
  for (const AVChannelLayout* layout = codec.ch_layouts; layout->nb_channels != 0; ++layout) {
    if (av_channel_layout_compare(layout, &usual.get()) == 0) return usual;
    if (layout->nb_channels <= channels && (best == nullptr || layout->nb_channels > best->nb_channels)) best = layout;
  }
  return best == nullptr ? usual : av::ChannelLayout(*best);
}

}  // namespace decant::audio
