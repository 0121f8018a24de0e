#include "audio/plan.h"

#include "audio/encoder.h"
#include "audio/steps/fade.h"
#include "audio/steps/gain.h"
#include "audio/steps/mix_matrix.h"

namespace decant::audio {

namespace {

// A step of 24 bits lies below the noise of every converter, and floats made of 24 bits come back as they were.
constexpr int most_dithered_bits = 16;

bool changes_level(const tasks::ConversionOptions& options) {
  return options.gain || options.loudness || options.peak || options.fade_in || options.fade_out;
}

bool mixes(const Sound& sound, const av::ChannelLayout& wanted) {
  if (sound.layout == wanted) return false;
  const auto matrix = MixMatrix::find(sound.layout, wanted);
  return matrix && !matrix->only_copies();
}

bool computes_samples(const Sound& sound, int sample_rate, const av::ChannelLayout& layout,
                      const tasks::ConversionOptions& options) {
  return changes_level(options) || sample_rate != sound.sample_rate || mixes(sound, layout);
}

void note_changes(Plan& plan, const Format& format, const Sound& sound, const tasks::ConversionOptions& options) {
  const SampleFormat& samples = plan.samples;
  if (!format.target.lossless && !sound.lossless) {
    plan.notes.emplace_back("The source is lossy already, and so is the target: some quality is lost again.");
  }
  if (samples.sample_rate != sound.sample_rate) {
    plan.notes.push_back(fmt::format("Resampled from {} to {} Hz{}.", sound.sample_rate, samples.sample_rate,
                                     samples.sample_rate > sound.sample_rate ? ", which adds no detail" : ""));
  }
  if (samples.layout.channels() != sound.layout.channels()) {
    const auto matrix = MixMatrix::find(sound.layout, samples.layout);
    const bool is_lowered = matrix && matrix->attenuation_db() > 0;
    plan.notes.push_back(fmt::format(
        "Mixed from {} to {} channels{}.", sound.layout.channels(), samples.layout.channels(),
        is_lowered ? fmt::format(" by ITU-R BS.775, {:.1f} dB softer so that nothing clips", matrix->attenuation_db())
                   : std::string()));
  }
  if (!format.target.lossless) return;
  const int bits = plan.bits();
  if (sound.lossless && bits < sound.bits) {
    plan.notes.push_back(fmt::format("Reduced from {} {}bits to {} bits a sample{}.", sound.bits,
                                     sound.floating ? "floating-point " : "", bits,
                                     options.bit_depth ? "" : ", the most that " + format.target.title + " holds"));
  }
  if (options.bit_depth && bits > sound.bits) {
    plan.notes.push_back(fmt::format("Stored with {} bits a sample, of which the source has {}.", bits, sound.bits));
  }
}

}  // namespace

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
  const Encoding encoding = format.choose_encoding(wanted, options);
  const AVCodec* encoder = avcodec_find_encoder_by_name(encoding.encoder);
  if (encoder == nullptr) return failure(ErrorCode::internal, "this build cannot write that format", encoding.encoder);
  wanted.layout = nearest_layout(*encoder, format.target, options.channels ? wanted.layout : sound.layout);
  // Values that were computed have more than the source's bits: lossy encoders take them as they are.
  if (!format.target.lossless && computes_samples(sound, wanted.sample_rate, wanted.layout, options)) {
    wanted.floating = true;
  }
  plan.encoding = format.choose_encoding(wanted, options);
  plan.samples = {plan.encoding.sample_format, wanted.sample_rate, wanted.layout};
  plan.is_lossless = format.target.lossless;
  note_changes(plan, format, sound, options);
  return plan;
}

Processing make_processing(Plan& plan, const Sound& sound, const tasks::ConversionOptions& options,
                           const Level& level) {
  Processing processing{.target = plan.samples};
  const auto in_samples = [&](const std::optional<tasks::AudioTime>& time) {
    return time ? av_rescale_rnd(time->count(), plan.samples.sample_rate, AV_TIME_BASE, AV_ROUND_NEAR_INF) : 0;
  };
  if (level.gain != 0) processing.steps.push_back(std::make_unique<Gain>(level.gain));
  if (options.fade_in || options.fade_out) {
    processing.steps.push_back(
        std::make_unique<Fade>(in_samples(options.fade_in), in_samples(options.fade_out), level.samples));
  }
  const AVSampleFormat packed = av_get_packed_sample_fmt(plan.samples.format);
  const bool takes_integers = packed != AV_SAMPLE_FMT_FLT && packed != AV_SAMPLE_FMT_DBL;
  // Floats of lossless files hold any value; lossy ones come out as integers again.
  if (!processing.steps.empty() && (takes_integers || !plan.is_lossless)) processing.overs.emplace();
  if (!takes_integers) return processing;
  const int bits = plan.bits();
  const bool is_deeper = sound.floating || sound.bits > bits;
  const bool is_computed =
      !processing.steps.empty() || plan.samples.sample_rate != sound.sample_rate || mixes(sound, plan.samples.layout);
  // 32 bits are more than the floats that the steps compute with.
  if ((!is_deeper && !is_computed) || bits > 24) return processing;
  const bool is_dithered = bits <= most_dithered_bits;
  processing.quantizer.emplace(plan.samples, bits, is_dithered ? Dither::triangular : Dither::none);
  if (is_dithered) plan.notes.push_back(fmt::format("Dithered to {} bits.", bits));
  return processing;
}

}  // namespace decant::audio
