#include "audio/copy/packet_copier.h"

#include "audio/av/error.h"
#include "audio/copy/adts.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

Failure not_copied(std::string why) {
  return failure(ErrorCode::unprocessable, "the sound cannot be copied", std::move(why));
}

std::span<const std::uint8_t> bytes_of(const AVPacket& packet) {
  return {packet.data, static_cast<std::size_t>(packet.size)};
}

std::span<const std::uint8_t> description(const AVCodecParameters& stream) {
  return {stream.extradata, static_cast<std::size_t>(stream.extradata_size)};
}

void set_description(AVCodecParameters& stream, std::span<const std::uint8_t> bytes) {
  stream.extradata = static_cast<std::uint8_t*>(av_mallocz(bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  if (stream.extradata == nullptr) throw std::bad_alloc();
  std::ranges::copy(bytes, stream.extradata);
  stream.extradata_size = static_cast<int>(bytes.size());
}

/// The pre-skip of an identification header (RFC 7845, section 5.1).
std::int64_t opus_pre_skip(const AVCodecParameters& stream) {
  ByteReader in(description(stream));
  in.take(10);
  return static_cast<std::int64_t>(in.little_endian(2));
}

/// What of a packet's sound players leave out, as it stands before the beginning.
std::int64_t skipped_samples(const AVPacket& packet, std::int64_t length) {
  if ((packet.flags & AV_PKT_FLAG_DISCARD) != 0) return length;
  std::size_t size = 0;
  const std::uint8_t* skip = av_packet_get_side_data(&packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
  return skip == nullptr ? 0 : static_cast<std::int64_t>(ByteReader({skip, size}).le32());
}

}  // namespace

PacketCopier::PacketCopier(const Source& source, PacketLength length, std::int64_t samples, Muxer& muxer)
    : source_(&source), length_(std::move(length)), samples_(samples), muxer_(&muxer) {
  if (avcodec_parameters_copy(stream_.get(), source.stream().codecpar) < 0) throw std::bad_alloc();
  stream_->codec_tag = 0;  // of the source's container
  has_headers_ = stream_->codec_id == AV_CODEC_ID_AAC && stream_->extradata_size == 0;
}

Result<void> PacketCopier::run(const Metadata& metadata) {
  const av::Packet packet = av::make_packet();
  for (;;) {
    const int read = av_read_frame(&source_->format(), packet.get());
    if (read == AVERROR_EOF) break;
    if (read < 0) return not_copied(av::error_text(read));
    if (packet->stream_index == source_->stream().index) DECANT_CHECK(take(*packet, metadata));
    av_packet_unref(packet.get());
  }
  if (!is_begun_) return not_copied("nothing is heard");
  return muxer_->finish(samples_);
}

Result<void> PacketCopier::take(AVPacket& packet, const Metadata& metadata) {
  const auto length = length_(bytes_of(packet));
  if (!length) return not_copied("a packet is not whole");
  if (has_headers_) DECANT_CHECK(take_header(packet));
  packet.duration = *length;
  if (is_begun_) return write(packet);
  delay_ += skipped_samples(packet, *length);
  const bool is_heard = (packet.flags & AV_PKT_FLAG_DISCARD) == 0;
  first_.push_back(av::must<av::Packet>(av_packet_clone(&packet)));
  return is_heard ? begin(metadata) : Result<void>();
}

Result<void> PacketCopier::take_header(AVPacket& packet) {
  const auto frame = read_adts_frame(bytes_of(packet));
  if (!frame) return not_copied("a frame header is damaged");
  if (stream_->extradata_size == 0) {
    set_description(*stream_, frame->config);
  } else if (!std::ranges::equal(description(*stream_), frame->config)) {
    return not_copied("the stream changes");
  }
  packet.data += packet.size - static_cast<int>(frame->data.size());
  packet.size = static_cast<int>(frame->data.size());
  return {};
}

Result<void> PacketCopier::begin(const Metadata& metadata) {
  is_begun_ = true;
  if (stream_->codec_id == AV_CODEC_ID_OPUS) delay_ = opus_pre_skip(*stream_);
  stream_->initial_padding = static_cast<int>(delay_);
  position_ = -delay_;
  DECANT_CHECK(muxer_->begin(*stream_, metadata));
  for (const av::Packet& packet : first_) DECANT_CHECK(write(*packet));
  first_.clear();
  return {};
}

Result<void> PacketCopier::write(AVPacket& packet) {
  const std::int64_t left = samples_ - position_;
  // A packet behind the end is not heard, and not every container can tell so.
  if (left <= 0) return {};
  packet.pts = packet.dts = position_;
  position_ += packet.duration;
  packet.duration = std::min(packet.duration, left);
  packet.flags = AV_PKT_FLAG_KEY;
  av_packet_free_side_data(&packet);
  return muxer_->write(packet);
}

}  // namespace decant::audio
