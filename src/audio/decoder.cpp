#include "audio/decoder.h"

#include "audio/av/error.h"

namespace decant::audio {

namespace {

constexpr std::size_t most_losses = 100;
// Only damage for so long: the rest of the file is not worth the time.
constexpr int most_damage_in_a_row = 2000;
constexpr std::int64_t most_samples_a_frame = 1 << 22;
constexpr auto smallest_gap = std::chrono::milliseconds(150);

std::string in_seconds(tasks::AudioTime time) {
  return fmt::format("{:.3f} s", static_cast<double>(time.count()) / 1e6);
}

}  // namespace

Result<av::CodecContext> open_codec(const Source& source) {
  auto opened = av::must<av::CodecContext>(avcodec_alloc_context3(&source.decoder()));
  AVCodecContext& context = *opened;
  if (const int error = avcodec_parameters_to_context(&context, source.stream().codecpar); error < 0) {
    return av::av_failure(ErrorCode::unprocessable, "the audio's description is damaged", error);
  }
  context.pkt_timebase = source.stream().time_base;
  context.thread_count = 1;
  context.max_samples = most_samples_a_frame;
  // A lossless codec's checksums are what tells damage from music.
  if (source.is_lossless()) context.err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE;
  if (const int error = avcodec_open2(&context, &source.decoder(), nullptr); error < 0) {
    return av::av_failure(ErrorCode::unprocessable,
                          fmt::format("the audio's description ({}) is damaged", source.decoder().name), error);
  }
  return opened;
}

Result<Decoder> Decoder::open(const Source& source) {
  Decoder decoder(source);
  DECANT_TRY(decoder.context_, open_codec(source));
  return decoder;
}

tasks::AudioTime Decoder::position() const {
  return tasks::AudioTime(av_rescale(samples_, AV_TIME_BASE, std::max(sound_.sample_rate, 1)));
}

double Decoder::progress() const {
  const auto length = static_cast<double>(source_->sniffed().end - source_->sniffed().begin);
  return std::clamp(static_cast<double>(avio_tell(source_->format().pb)) / std::max(length, 1.0), 0.0, 1.0);
}

Result<void> Decoder::note_damage(std::string reason) {
  ++damaged_units_;
  if (++damage_run_ > most_damage_in_a_row) {
    return failure(ErrorCode::unprocessable, fmt::format("the audio is damaged from {} on", in_seconds(position())));
  }
  if (damage_run_ == 1 && losses_.size() < most_losses) losses_.push_back({position(), std::move(reason)});
  return {};
}

/// Tells of time that the container counts and the frames do not fill, which is how lost packets and pages show.
void Decoder::note_gap(const AVFrame& frame) {
  const AVRational sample_time{1, frame.sample_rate};
  if (frame.pts == AV_NOPTS_VALUE) {
    if (next_pts_ != AV_NOPTS_VALUE) next_pts_ += frame.nb_samples;
    return;
  }
  const std::int64_t pts = av_rescale_q(frame.pts, source_->stream().time_base, sample_time);
  if (next_pts_ != AV_NOPTS_VALUE && pts > next_pts_) {
    const tasks::AudioTime missing(av_rescale_q(pts - next_pts_, sample_time, av::microseconds));
    // A unit that failed to decode leaves the same gap and is in the list already.
    if (missing >= smallest_gap && damage_run_ == 0 && losses_.size() < most_losses) {
      losses_.push_back({position(), fmt::format("{} are missing in the file", in_seconds(missing))});
    }
  }
  next_pts_ = pts + frame.nb_samples;
}

void Decoder::note_missing_end() {
  const auto promised = source_->promised_duration();
  if (!promised || !losses_.empty()) return;
  // Lossy formats differ by some frames in what they count.
  const tasks::AudioTime missing = *promised - position();
  const bool is_exact = source_->is_lossless() && source_->exact_samples();
  if (missing <= (is_exact ? std::chrono::microseconds(10) : tasks::AudioTime(smallest_gap))) return;
  losses_.push_back({position(), fmt::format("the file promises {} more than could be read", in_seconds(missing))});
}

/// Leaves out what an encoder added to fill its last frame, where libavformat does not tell libavcodec: AAC in MP4.
/// False when nothing else is in the frame.
bool Decoder::cut_padding(AVFrame& frame) const {
  if (source_->container().demuxer != std::string_view("mov")) return true;
  const auto end = source_->exact_samples();
  // More than a frame too many is no padding but a wrong claim.
  if (!end || samples_ + frame.nb_samples <= *end || samples_ + frame.nb_samples > *end + 2048) return true;
  frame.nb_samples = static_cast<int>(std::max<std::int64_t>(*end - samples_, 0));
  return frame.nb_samples > 0;
}

Result<void> Decoder::feed() {
  for (;;) {
    const int read = source_->read(*packet_);
    if (read == AVERROR_EOF) {
      drained_ = true;
      avcodec_send_packet(context_.get(), nullptr);
      return {};
    }
    if (read == AVERROR(ENOMEM)) return av::av_failure(ErrorCode::too_large, {}, read);
    if (read < 0) {
      // Some demuxers give an error for good where the file breaks off.
      DECANT_CHECK(note_damage("the file is damaged here: " + av::error_text(read)));
      if (avio_feof(source_->format().pb) != 0 || damage_run_ > 16) {
        drained_ = true;
        avcodec_send_packet(context_.get(), nullptr);
        return {};
      }
      continue;
    }
    if (packet_->stream_index != source_->stream().index) {
      av_packet_unref(packet_.get());
      continue;
    }
    const int sent = avcodec_send_packet(context_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent == AVERROR(ENOMEM)) return av::av_failure(ErrorCode::too_large, {}, sent);
    if (sent < 0 && sent != AVERROR(EAGAIN) && sent != AVERROR_EOF) {
      DECANT_CHECK(note_damage("the audio is damaged here"));
      continue;
    }
    return {};
  }
}

Result<AVFrame*> Decoder::next() {
  for (;;) {
    const int got = avcodec_receive_frame(context_.get(), frame_.get());
    if (got == AVERROR(EAGAIN)) {
      DECANT_CHECK(feed());
      continue;
    }
    if (got == AVERROR_EOF) {
      if (good_units_ == 0) {
        return failure(ErrorCode::unprocessable, damaged_units_ > 0 ? "none of the audio can be decoded: it is damaged"
                                                                    : "the file holds no samples");
      }
      if (damaged_units_ > good_units_) {
        return failure(ErrorCode::unprocessable,
                       fmt::format("most of the audio is damaged, first at {}", in_seconds(losses_.front().position)));
      }
      note_missing_end();
      return nullptr;
    }
    if (got == AVERROR(ENOMEM)) return av::av_failure(ErrorCode::too_large, {}, got);
    if (got < 0) {
      DECANT_CHECK(note_damage("the audio is damaged here"));
      if (drained_) return nullptr;
      continue;
    }
    AVFrame& frame = *frame_;
    if (frame.nb_samples <= 0 || frame.sample_rate <= 0 || frame.ch_layout.nb_channels <= 0) continue;
    if (frame.ch_layout.order != AV_CHANNEL_ORDER_NATIVE) {
      const int channels = frame.ch_layout.nb_channels;
      av_channel_layout_uninit(&frame.ch_layout);
      av_channel_layout_default(&frame.ch_layout, channels);
    }
    note_gap(frame);
    if (!cut_padding(frame)) continue;
    damage_run_ = 0;
    if (good_units_++ == 0) {
      sound_.sample_rate = frame.sample_rate;
      sound_.layout = av::ChannelLayout(frame.ch_layout);
      sound_.sample_format = av_get_packed_sample_fmt(static_cast<AVSampleFormat>(frame.format));
      sound_.lossless = source_->is_lossless();
      const bool floats = sound_.sample_format == AV_SAMPLE_FMT_FLT || sound_.sample_format == AV_SAMPLE_FMT_DBL;
      sound_.floating = sound_.lossless && floats;
      sound_.bits = sound_.lossless ? source_->bits_per_sample() : 16;
    }
    samples_ += frame.nb_samples;
    return &frame;
  }
}

}  // namespace decant::audio
