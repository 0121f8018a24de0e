#include "audio/source.h"

#include <array>

#include "audio/av/error.h"
#include "audio/av/io.h"

namespace decant::audio {

namespace {

// What a hostile file may make libavformat read and allocate before its audio is found.
constexpr std::int64_t probe_bytes = 2 * 1024 * 1024;
constexpr int most_streams = 64;

// Native decoders of libavcodec only: no other library sees uploads.
constexpr std::array decoder_names = {"mp3float",
                                      "mp3",
                                      "mp2float",
                                      "mp2",
                                      "mp1float",
                                      "mp1",
                                      "vorbis",
                                      "opus",
                                      "flac",
                                      "alac",
                                      "aac",
                                      "aac_latm",
                                      "wmav1",
                                      "wmav2",
                                      "wmapro",
                                      "wmalossless",
                                      "wmavoice",
                                      "amrnb",
                                      "amrwb",
                                      "ac3",
                                      "eac3",
                                      "dca",
                                      "truehd",
                                      "mlp",
                                      "wavpack",
                                      "ape",
                                      "tta",
                                      "tak",
                                      "mpc7",
                                      "mpc8",
                                      "speex",
                                      "nellymoser",
                                      "cook",
                                      "ra_144",
                                      "ra_288",
                                      "sipr",
                                      "qdm2",
                                      "mace3",
                                      "mace6",
                                      "8svx_exp",
                                      "8svx_fib",
                                      "gsm",
                                      "gsm_ms",
                                      "dsd_lsbf",
                                      "dsd_msbf",
                                      "dsd_lsbf_planar",
                                      "dsd_msbf_planar",
                                      "pcm_alaw",
                                      "pcm_mulaw",
                                      "pcm_bluray",
                                      "pcm_dvd",
                                      "pcm_f16le",
                                      "pcm_f24le",
                                      "pcm_f32be",
                                      "pcm_f32le",
                                      "pcm_f64be",
                                      "pcm_f64le",
                                      "pcm_s16be",
                                      "pcm_s16be_planar",
                                      "pcm_s16le",
                                      "pcm_s16le_planar",
                                      "pcm_s24be",
                                      "pcm_s24le",
                                      "pcm_s24le_planar",
                                      "pcm_s32be",
                                      "pcm_s32le",
                                      "pcm_s32le_planar",
                                      "pcm_s64be",
                                      "pcm_s64le",
                                      "pcm_s8",
                                      "pcm_s8_planar",
                                      "pcm_u16be",
                                      "pcm_u16le",
                                      "pcm_u24be",
                                      "pcm_u24le",
                                      "pcm_u32be",
                                      "pcm_u32le",
                                      "pcm_u8",
                                      "adpcm_ms",
                                      "adpcm_ima_wav",
                                      "adpcm_ima_qt",
                                      "adpcm_yamaha",
                                      "adpcm_swf",
                                      "adpcm_g722",
                                      "g722",
                                      "g726",
                                      "g726le",
                                      "adpcm_sbpro_2",
                                      "adpcm_sbpro_3",
                                      "adpcm_sbpro_4"};

int refuse_io(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EACCES); }

Failure damaged(const Container& container, int error) {
  return av::av_failure(
      ErrorCode::unprocessable,
      fmt::format("this begins like a file of the kind {}, but what follows is damaged or missing", container.title),
      error);
}

/// Whether 16-bit samples may be DTS in disguise, as on CDs: libavformat finds it.
bool may_hold_dts(int descriptor, ByteCount begin) {
  using namespace std::string_view_literals;
  constexpr std::array sync_words = {"\x7F\xFE\x80\x01"sv, "\xFE\x7F\x01\x80"sv, "\x1F\xFF\xE8\x00"sv,
                                     "\xFF\x1F\x00\xE8"sv};
  std::array<std::uint8_t, 32 * 1024> bytes{};
  const std::size_t count = av::read_at(descriptor, begin, bytes);
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), count);
  return std::ranges::any_of(sync_words, [&](std::string_view word) { return start.contains(word); });
}

bool is_audio(const AVStream& stream) { return stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO; }

/// The audio stream that a player would play: the one marked as default, then the one with most channels, then the
/// first.
AVStream* choose_stream(AVFormatContext& context, const AVCodec** decoder, std::string& unreadable_codec) {
  AVStream* best = nullptr;
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    AVStream* stream = context.streams[i];
    if (!is_audio(*stream)) continue;
    const AVCodec* codec = find_decoder(stream->codecpar->codec_id);
    if (codec == nullptr) {
      unreadable_codec = avcodec_get_name(stream->codecpar->codec_id);
      continue;
    }
    const auto rank = [](const AVStream& s) {
      return std::pair(s.disposition & AV_DISPOSITION_DEFAULT, s.codecpar->ch_layout.nb_channels);
    };
    if (best == nullptr || rank(*stream) > rank(*best)) {
      best = stream;
      *decoder = codec;
    }
  }
  return best;
}

}  // namespace

const std::string& allowed_demuxers() {
  static const std::string names = [] {
    std::string list;
    for (const Container& container : containers()) list += (list.empty() ? "" : ",") + std::string(container.demuxer);
    return list;
  }();
  return names;
}

const AVCodec* find_decoder(AVCodecID id) {
  static const std::vector<const AVCodec*> decoders = [] {
    std::vector<const AVCodec*> found;
    void* position = nullptr;
    while (const AVCodec* codec = av_codec_iterate(&position)) {
      if (av_codec_is_decoder(codec) != 0 &&
          std::ranges::find(decoder_names, std::string_view(codec->name)) != decoder_names.end()) {
        found.push_back(codec);
      }
    }
    return found;
  }();
  const auto found = std::ranges::find(decoders, id, &AVCodec::id);
  return found == decoders.end() ? nullptr : *found;
}

const std::string& allowed_decoders() {
  static const std::string names = [] {
    std::string list;
    for (const char* name : decoder_names) list += (list.empty() ? "" : ",") + std::string(name);
    return list;
  }();
  return names;
}

Result<Source> Source::open(int descriptor) {
  Source source;
  source.descriptor_ = descriptor;
  DECANT_TRY(source.size_, av::size_by_seeking(descriptor));
  DECANT_TRY(source.sniffed_, sniff(descriptor, source.size_));
  DECANT_TRY(source.claims_, check_complete(source.sniffed_, descriptor, source.size_));
  DECANT_CHECK(source.open_container());
  return source;
}

Result<Source> Source::open_part(int descriptor, const Container& container, ByteCount begin, ByteCount end) {
  Source source;
  source.descriptor_ = descriptor;
  source.size_ = end;
  source.sniffed_ = {&container, begin, end};
  DECANT_CHECK(source.open_container());
  return source;
}

Result<void> Source::open_container() {
  const Container& container = this->container();
  const AVInputFormat* demuxer = av_find_input_format(container.demuxer);
  if (demuxer == nullptr) return failure(ErrorCode::internal, "this build cannot read the file", container.demuxer);
  file_ = std::make_unique<av::InputFile>(descriptor_, sniffed_.begin, sniffed_.end);

  // Our own AVIO keeps nothing out by itself: playlists and manifests name other files, and libavformat would open
  // them. So: an explicit demuxer, nothing may be opened, empty URL, allow-lists, and bounds on what is looked at.
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) throw std::bad_alloc();
  context->pb = file_->context();
  context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  context->io_open = refuse_io;
  context->max_streams = most_streams;
  context->probesize = probe_bytes;
  av::Dictionary options;
  options.set("format_whitelist", allowed_demuxers().c_str());
  options.set("codec_whitelist", allowed_decoders().c_str());
  options.set("protocol_whitelist", "");
  // Frees the context itself when it fails.
  if (const int error = avformat_open_input(&context, "", demuxer, options.address()); error < 0) {
    return damaged(container, error);
  }
  context_.reset(context);

  const auto discard_what_is_no_audio = [context] {
    for (unsigned i = 0; i < context->nb_streams; ++i) {
      if (!is_audio(*context->streams[i])) context->streams[i]->discard = AVDISCARD_ALL;
    }
  };
  discard_what_is_no_audio();
  if (is_plain_wave()) {
    plain_end_ = std::min(claims_.sound_end, sniffed_.end) - sniffed_.begin;
    context->streams[0]->codecpar->format = AV_SAMPLE_FMT_S16;
  } else if (const int error = avformat_find_stream_info(context, nullptr); error < 0) {
    return damaged(container, error);
  }
  discard_what_is_no_audio();

  std::string unreadable_codec;
  stream_ = choose_stream(*context, &decoder_, unreadable_codec);
  if (stream_ == nullptr) {
    if (!unreadable_codec.empty()) {
      return failure(ErrorCode::unsupported_media,
                     fmt::format("the audio is coded as {}, which cannot be read", unreadable_codec));
    }
    return failure(ErrorCode::unsupported_media,
                   has_video() ? "this is a video without sound" : "the file holds no audio");
  }
  for (unsigned i = 0; i < context->nb_streams; ++i) {
    if (context->streams[i] == stream_) continue;
    context->streams[i]->discard = AVDISCARD_ALL;
    // The claims may be about another sound track than the chosen one.
    if (is_audio(*context->streams[i])) claims_ = {};
  }
  return {};
}

/// 16-bit samples in WAV of a known length. libavformat suspects all that there is behind them and lets each of its
/// demuxers look, which takes longer than to decode a clip, and shows an upload to more of them than are allowed.
bool Source::is_plain_wave() const {
  if (container().demuxer != std::string_view("wav") || context_->nb_streams != 1 || claims_.sound_end == 0)
    return false;
  const AVStream& stream = *context_->streams[0];
  const AVCodecParameters& codec = *stream.codecpar;
  return codec.codec_id == AV_CODEC_ID_PCM_S16LE && codec.block_align == 2 * codec.ch_layout.nb_channels &&
         codec.sample_rate > 0 && stream.duration > 0 &&
         !may_hold_dts(descriptor_, sniffed_.begin + avio_tell(context_->pb));
}

int Source::read(AVPacket& packet) const {
  if (plain_end_ == 0) return av_read_frame(context_.get(), &packet);
  constexpr ByteCount packet_bytes = 32 * 1024;
  const int block = stream_->codecpar->block_align;
  const ByteCount left = plain_end_ - avio_tell(context_->pb);
  const ByteCount wanted = std::min(left, std::max<ByteCount>(packet_bytes, block)) / block * block;
  if (wanted <= 0) return AVERROR_EOF;
  const int got = av_get_packet(context_->pb, &packet, static_cast<int>(wanted));
  packet.stream_index = stream_->index;
  return got;
}

bool Source::is_lossless() const {
  const AVCodecDescriptor* codec = avcodec_descriptor_get(stream_->codecpar->codec_id);
  if (codec == nullptr || (codec->props & AV_CODEC_PROP_LOSSLESS) == 0) return false;
  // DTS and others may be either; only WavPack is nearly always lossless.
  return (codec->props & AV_CODEC_PROP_LOSSY) == 0 || codec->id == AV_CODEC_ID_WAVPACK;
}

int Source::bits_per_sample() const {
  if (!is_lossless()) return 0;
  const AVCodecParameters& codec = *stream_->codecpar;
  if (codec.bits_per_raw_sample > 0) return codec.bits_per_raw_sample;
  if (const int bits = av_get_exact_bits_per_sample(codec.codec_id); bits > 0) return bits;
  if (codec.bits_per_coded_sample > 0) return codec.bits_per_coded_sample;
  return 8 * av_get_bytes_per_sample(static_cast<AVSampleFormat>(codec.format));
}

bool Source::has_video() const {
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    const AVStream& stream = *context_->streams[i];
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0)
      return true;
  }
  return false;
}

std::optional<std::int64_t> Source::exact_samples() const {
  if (claims_.samples && (claims_.sample_rate == 0 || claims_.sample_rate == stream_->codecpar->sample_rate))
    return claims_.samples;
  // Where the container counts in samples of a codec that keeps their number.
  const AVRational time_base = stream_->time_base;
  const bool counts_samples = time_base.num == 1 && time_base.den == stream_->codecpar->sample_rate;
  // CAF of compressed audio counts whole packets, however few samples the last one has.
  const bool counts_packets =
      container().demuxer == std::string_view("caf") && av_get_exact_bits_per_sample(stream_->codecpar->codec_id) == 0;
  if (is_lossless() && counts_samples && !counts_packets && stream_->duration > 0) return stream_->duration;
  return std::nullopt;
}

std::optional<tasks::AudioTime> Source::promised_duration() const {
  const std::string_view demuxer = container().demuxer;
  // Matroska tells only the length of the longest stream.
  const bool is_reliable =
      exact_samples() || demuxer == "ogg" || demuxer == "mov" || (demuxer == "matroska" && !has_video());
  return is_reliable ? duration() : std::nullopt;
}

std::optional<tasks::AudioTime> Source::duration() const {
  const auto claimed = claimed_duration();
  const bool is_possible = claimed && *claimed >= claimed->zero() && *claimed <= tasks::longest_audio;
  return is_possible ? claimed : std::nullopt;
}

std::optional<tasks::AudioTime> Source::claimed_duration() const {
  const AVCodecParameters& codec = *stream_->codecpar;
  if (const auto samples = exact_samples(); samples && codec.sample_rate > 0) {
    return tasks::AudioTime(av_rescale(*samples, AV_TIME_BASE, codec.sample_rate));
  }
  // Ogg counts Opus's pre-skip.
  const bool counts_padding = codec.codec_id == AV_CODEC_ID_OPUS && container().demuxer == std::string_view("ogg");
  const std::int64_t length = stream_->duration - (counts_padding ? codec.initial_padding : 0);
  if (stream_->duration > 0 && length > 0)
    return tasks::AudioTime(av_rescale_q(length, stream_->time_base, av::microseconds));
  if (context_->duration > 0) return tasks::AudioTime(context_->duration);
  return std::nullopt;
}

}  // namespace decant::audio
