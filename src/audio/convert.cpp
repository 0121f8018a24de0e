#include "audio/decoder.h"
#include "audio/encoder.h"
#include "audio/engine.h"
#include "audio/media_info.h"
#include "audio/parallel/parallel_encoder.h"
#include "audio/pcm_stream.h"
#include "audio/progress.h"
#include "audio/report.h"
#include "audio/steps/fade.h"
#include "audio/steps/gain.h"
#include "audio/tags/read.h"

namespace decant::audio {

namespace {

/// What the output will be.
struct Plan {
  SampleFormat samples;
  Encoding encoding;
  Processing processing;
  std::vector<std::string> notes;
};

// A step of 24 bits lies below the noise of every converter, and floats made of 24 bits come back as they were.
constexpr int most_dithered_bits = 16;

/// Lossy sources count as 16 bits, whose noise is larger than the rounding's: they are dithered only below that, or
/// when steps computed new values.
Processing make_processing(const Plan& plan, const Sound& sound, const tasks::ConversionOptions& options) {
  Processing processing{.target = plan.samples};
  if (options.gain) processing.steps.push_back(std::make_unique<Gain>(*options.gain));
  if (options.fade_in) {
    const auto length =
        av_rescale_rnd(options.fade_in->count(), plan.samples.sample_rate, AV_TIME_BASE, AV_ROUND_NEAR_INF);
    processing.steps.push_back(std::make_unique<Fade>(length, 0, 0));
  }
  const AVSampleFormat packed = av_get_packed_sample_fmt(plan.samples.format);
  const bool takes_integers = packed != AV_SAMPLE_FMT_FLT && packed != AV_SAMPLE_FMT_DBL;
  const int bits = plan.encoding.bits > 0 ? plan.encoding.bits : 8 * av_get_bytes_per_sample(plan.samples.format);
  const bool falls = sound.floating || sound.bits > bits || !processing.steps.empty();
  if (takes_integers && falls && bits < 32) {
    processing.quantizer.emplace(plan.samples, bits, bits <= most_dithered_bits ? Dither::triangular : Dither::none);
  }
  return processing;
}

Result<Plan> make_plan(const Format& format, const Sound& sound, const tasks::ConversionOptions& options) {
  Plan plan;
  Sound wanted = sound;
  wanted.sample_rate = options.sample_rate.value_or(nearest_rate(format.target, sound.sample_rate));
  if (options.channels) wanted.layout = av::ChannelLayout::of(*options.channels);
  if (options.bit_depth) {
    wanted.floating = *options.bit_depth == tasks::BitDepth::float32;
    wanted.bits = wanted.floating ? 32 : static_cast<int>(*options.bit_depth);
    wanted.sample_format = wanted.floating ? AV_SAMPLE_FMT_FLT : AV_SAMPLE_FMT_S32;
  }
  Encoding encoding = format.choose_encoding(wanted, options);
  const AVCodec* encoder = avcodec_find_encoder_by_name(encoding.encoder);
  if (encoder == nullptr) return failure(ErrorCode::internal, "this build cannot write that format", encoding.encoder);
  wanted.layout = nearest_layout(*encoder, format.target, options.channels ? wanted.layout : sound.layout);
  plan.encoding = format.choose_encoding(wanted, options);
  plan.samples = {plan.encoding.sample_format, wanted.sample_rate, wanted.layout};

  if (!format.target.lossless && !sound.lossless) {
    plan.notes.emplace_back("The source is lossy already, and so is the target: some quality is lost again.");
  }
  if (wanted.sample_rate != sound.sample_rate) {
    plan.notes.push_back(fmt::format("Resampled from {} to {} Hz.", sound.sample_rate, wanted.sample_rate));
  }
  if (wanted.layout.channels() != sound.layout.channels()) {
    plan.notes.push_back(
        fmt::format("Mixed from {} to {} channels.", sound.layout.channels(), wanted.layout.channels()));
  }
  const int bits = plan.encoding.bits > 0 ? plan.encoding.bits : 8 * av_get_bytes_per_sample(plan.samples.format);
  if (format.target.lossless && sound.lossless && bits < sound.bits) {
    plan.notes.push_back(fmt::format("Reduced from {} {}bits to {} bits a sample{}.", sound.bits,
                                     sound.floating ? "floating-point " : "", bits,
                                     options.bit_depth ? "" : ", the most that " + format.target.title + " holds"));
  }
  plan.processing = make_processing(plan, sound, options);
  if (plan.processing.quantizer && bits <= most_dithered_bits) {
    plan.notes.push_back(fmt::format("Dithered to {} bits.", bits));
  }
  return plan;
}

Result<void> encode_in_one_go(PcmStream& pcm, Encoder& encoder, Muxer& muxer, ProgressMeter& progress) {
  const PacketSink to_muxer = [&muxer](AVPacket& packet) { return muxer.write(packet); };
  for (;;) {
    DECANT_TRY(AVFrame * frame, pcm.next());
    if (frame == nullptr) return encoder.finish(to_muxer);
    DECANT_CHECK(encoder.write(*frame, to_muxer));
    progress.tell(pcm.progress());
  }
}

/// How long the output will be, as far as the source tells.
std::optional<std::int64_t> expected_samples(const Source& source, const tasks::ConversionOptions& options,
                                             int sample_rate) {
  auto end = source.duration();
  if (options.end && (!end || *options.end < *end)) end = options.end;
  if (!end) return std::nullopt;
  const tasks::AudioTime length = *end - options.start.value_or(tasks::AudioTime{});
  return av_rescale(std::max<std::int64_t>(length.count(), 0), sample_rate, AV_TIME_BASE);
}

/// The file must have got all that was written.
Result<ByteCount> check_size(const av::OutputFile& output, int descriptor) {
  DECANT_TRY(const ByteCount size, av::size_by_seeking(descriptor));
  if (size == 0 || size < output.position()) {
    return failure(ErrorCode::internal, "the result was not written whole",
                   fmt::format("{} of {} bytes", size, output.position()));
  }
  return size;
}

/// Decodes a lossless result again: it must hold the very samples that were encoded.
Result<void> verify(int descriptor, int bits, const PcmDigest::Value& expected) {
  DECANT_TRY(const Source source, Source::open(descriptor));
  DECANT_TRY(Decoder decoder, Decoder::open(source));
  PcmDigest digest(bits);
  for (;;) {
    DECANT_TRY(const AVFrame* frame, decoder.next());
    if (frame == nullptr) break;
    digest.add(*frame);
  }
  if (const auto found = digest.finish(); found != expected) {
    return failure(ErrorCode::internal, "the result does not decode to the samples that were encoded",
                   fmt::format("MD5 {} instead of {}", to_hex(found), to_hex(expected)));
  }
  return {};
}

}  // namespace

Result<tasks::ConversionResult> convert(const tasks::ConversionJob& job, const Progress& on_progress,
                                        const SpareCores& cores) {
  if (job.target.empty()) return analyze(job, on_progress);
  const Format* format = find_format(job.target);
  if (format == nullptr) {
    return failure(ErrorCode::invalid_argument,
                   fmt::format("there is no format {}; there are {}", job.target, catalog().target_names()));
  }
  DECANT_CHECK(tasks::check_options(job.options, format->target));

  // Open and choose the stream.
  DECANT_TRY(const Source source, Source::open(job.input));
  // Read the tags.
  const Metadata metadata = read_metadata(source);
  const Cut cut{job.options.start.value_or(tasks::AudioTime{}), job.options.end};
  const Transfer transfer = plan_transfer(metadata, *format, cut, job.options.metadata);

  // The first frame tells what the audio really is; headers only claim.
  DECANT_TRY(Decoder decoder, Decoder::open(source));
  DECANT_TRY(AVFrame * first, decoder.next());
  DECANT_TRY(Plan plan, make_plan(*format, decoder.sound(), job.options));

  std::optional<SoundAnalysis> analysis;
  if (!job.options.analysis.wanted.empty()) analysis.emplace(job.options.analysis);
  PcmStream pcm(decoder, first, job.options, std::move(plan.processing), analysis ? &*analysis : nullptr);
  std::optional<PcmDigest> digest;
  if (format->target.lossless) pcm.digest_into(digest.emplace(plan.encoding.bits));
  DECANT_TRY(Encoder encoder, Encoder::open(*format, plan.encoding, plan.samples));
  av::OutputFile output(job.output);
  const std::unique_ptr<Muxer> muxer = format->make_muxer(output);
  DECANT_CHECK(muxer->begin(encoder.stream(), transfer.metadata));
  ProgressMeter progress(on_progress);
  const auto expected = expected_samples(source, job.options, plan.samples.sample_rate);
  const ChunkPlan chunks =
      format->seam == nullptr ? ChunkPlan{}
                              : plan_chunks(*format->seam, encoder.context().frame_size, plan.samples, expected, cores);
  if (chunks.threads > 1) {
    ParallelEncoder parallel({*format, plan.encoding, chunks, expected, cores}, encoder, pcm, *muxer);
    DECANT_CHECK(parallel.run([&](double part) { progress.tell(part); }));
  } else {
    DECANT_CHECK(encode_in_one_go(pcm, encoder, *muxer, progress));
  }
  if (pcm.samples() == 0) return nothing_in_cut(job.options, decoder);
  std::string pcm_md5;
  PcmDigest::Value encoded{};
  if (digest) {
    encoded = digest->finish();
    pcm_md5 = to_hex(encoded);
    muxer->set_digest(encoded);
  }
  if (job.options.quality) muxer->set_quality(*job.options.quality);
  DECANT_CHECK(muxer->finish(pcm.samples()));
  DECANT_CHECK(output.flush());
  DECANT_TRY(const ByteCount size, check_size(output, job.output));
  if (digest) DECANT_CHECK(verify(job.output, plan.encoding.bits, encoded));

  Report report;
  report.input = describe(source, metadata);
  report.transfer = &transfer;
  report.notes = plan.notes;
  report.losses = decoder.losses();
  report.output =
      OutputInfo{.format = format->target.name,
                 .codec = avcodec_get_name(encoder.context().codec_id),
                 .sample_rate = plan.samples.sample_rate,
                 .channels = plan.samples.layout.channels(),
                 .bits_per_sample = !format->target.lossless ? 0
                                    : plan.encoding.bits > 0 ? plan.encoding.bits
                                                             : 8 * av_get_bytes_per_sample(plan.samples.format),
                 .samples = pcm.samples(),
                 .size = size,
                 .pcm_md5 = pcm_md5};
  tasks::ConversionResult result;
  if (analysis) {
    DECANT_TRY(SoundAnalysis::Findings findings, analysis->finish(job.extras));
    report.analysis = std::move(findings.report);
    result.artifacts = std::move(findings.artifacts);
  }
  result.report = to_json(report);
  result.samples = pcm.samples();
  result.sample_rate = plan.samples.sample_rate;
  result.duration = tasks::AudioTime(av_rescale(result.samples, AV_TIME_BASE, result.sample_rate));
  return result;
}

}  // namespace decant::audio
