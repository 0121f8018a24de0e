#include "audio/measure.h"

#include <cmath>

#include "audio/analysis/float_samples.h"
#include "audio/analysis/loudness.h"
#include "audio/decoder.h"
#include "audio/trim.h"

namespace decant::audio {

namespace {

// EBU R 128 allows no more, and lossy encoders overshoot by some tenths.
constexpr double default_true_peak = -1.0;
// Of the whole conversion's time, about: encoding takes longer than decoding and measuring.
constexpr double measuring_share = 0.3;

/// The first and the last place where any channel is louder than a threshold.
class LoudPart {
 public:
  explicit LoudPart(double threshold_db) : threshold_(static_cast<float>(std::pow(10, threshold_db / 20))) {}

  void add(const FloatBlock& block, std::int64_t position) {
    for (const float* channel : block.channels) {
      const std::span samples(channel, block.samples);
      const auto is_loud = [this](float sample) { return std::abs(sample) > threshold_; };
      const auto first = std::ranges::find_if(samples, is_loud);
      if (first == samples.end()) continue;
      const auto last = std::ranges::find_if(samples.rbegin(), samples.rend(), is_loud);
      begin_ = std::min(begin_.value_or(position + (first - samples.begin())), position + (first - samples.begin()));
      end_ = std::max(end_, position + (samples.rend() - last));
    }
  }
  /// In samples; none where all is silent.
  [[nodiscard]] std::optional<std::int64_t> begin() const { return begin_; }
  [[nodiscard]] std::int64_t end() const { return end_; }

 private:
  float threshold_;
  std::optional<std::int64_t> begin_;
  std::int64_t end_ = 0;
};

bool needs_measuring(const tasks::ConversionOptions& options) {
  return options.loudness || options.peak || options.trim_silence || options.fade_out;
}

/// Sets the gain for a loudness, as far as the true peak's ceiling lets it.
void reach_loudness(Measured& measured, const Loudness::Values& found) {
  const double target = *measured.options.loudness;
  if (!found.integrated) {
    measured.notes.emplace_back("Too soft for its loudness to be measured: the level was left as it is.");
    return;
  }
  const double ceiling = measured.options.true_peak.value_or(default_true_peak);
  const double wanted = target - *found.integrated;
  const double room = found.true_peak ? ceiling - *found.true_peak : wanted;
  measured.level.gain = std::min(wanted, room);
  measured.notes.push_back(fmt::format(
      "Loudness was {:.1f} LUFS: changed by {:+.1f} dB to {:.1f} LUFS{}.", *found.integrated, measured.level.gain,
      *found.integrated + measured.level.gain,
      room < wanted ? fmt::format(", not to {:.1f}, so that its true peak stays at {:.1f} dBTP", target, ceiling)
                    : std::string()));
}

void reach_peak(Measured& measured, const Loudness::Values& found) {
  if (!found.sample_peak) {
    measured.notes.emplace_back("Nothing but silence: the level was left as it is.");
    return;
  }
  measured.level.gain = *measured.options.peak - *found.sample_peak;
  measured.notes.push_back(fmt::format("The loudest sample was at {:.1f} dBFS: changed by {:+.1f} dB.",
                                       *found.sample_peak, measured.level.gain));
}

/// Moves start and end to the loud part.
Result<void> leave_out_silence(Measured& measured, const LoudPart& loud, const Trim& trim, int sample_rate) {
  if (!loud.begin()) {
    return failure(ErrorCode::unprocessable,
                   fmt::format("all of the audio is silence below {} dBFS", *measured.options.trim_silence));
  }
  const auto in_seconds = [&](std::int64_t samples) { return static_cast<double>(samples) / sample_rate; };
  const auto offset = measured.options.start.value_or(tasks::AudioTime{});
  const auto time = [&](std::int64_t samples) {
    return tasks::AudioTime(av_rescale_rnd(samples, AV_TIME_BASE, sample_rate, AV_ROUND_NEAR_INF));
  };
  if (*loud.begin() == 0 && loud.end() == trim.samples()) return {};
  measured.notes.push_back(fmt::format("Silence cut off: {:.3f} s before and {:.3f} s after the sound.",
                                       in_seconds(*loud.begin()), in_seconds(trim.samples() - loud.end())));
  measured.options.start = offset + time(*loud.begin());
  measured.options.end = offset + time(loud.end());
  return {};
}

}  // namespace

Result<Measured> measure(int input, const tasks::ConversionOptions& options, const Plan& plan,
                         ProgressMeter& progress) {
  Measured measured{.options = options};
  measured.level.gain = options.gain.value_or(0);
  if (!needs_measuring(options)) return measured;

  progress.enter(0, measuring_share);
  DECANT_TRY(const Source source, Source::open(input));
  DECANT_TRY(Decoder decoder, Decoder::open(source));
  DECANT_TRY(AVFrame * frame, decoder.next());
  if (frame == nullptr) return nothing_in_cut(options, decoder);
  const int source_rate = decoder.sound().sample_rate;
  Trim trim(options, source_rate);
  SampleFormat floats = plan.samples;
  floats.format = AV_SAMPLE_FMT_FLTP;
  Resampler resampler(floats);
  FloatSamples source_samples;
  FloatSamples mixed_samples;
  LoudPart loud(options.trim_silence.value_or(0));
  Loudness loudness;
  for (; frame != nullptr && !trim.is_done();) {
    const std::int64_t position = trim.samples();
    if (trim.cut(*frame)) {
      if (options.trim_silence) loud.add(source_samples.read(*frame), position);
      if (options.loudness || options.peak) {
        DECANT_TRY(const AVFrame* mixed, resampler.convert(*frame));
        if (mixed != nullptr) loudness.add(mixed_samples.read(*mixed));
      }
    }
    progress.tell(decoder.progress());
    DECANT_TRY(frame, decoder.next());
  }
  progress.enter(measuring_share, 1);
  if (trim.samples() == 0) return nothing_in_cut(options, decoder);
  if (options.loudness || options.peak) {
    DECANT_TRY(const AVFrame* rest, resampler.flush());
    if (rest != nullptr) loudness.add(mixed_samples.read(*rest));
  }

  if (options.trim_silence) DECANT_CHECK(leave_out_silence(measured, loud, trim, source_rate));
  const std::int64_t kept = options.trim_silence ? loud.end() - *loud.begin() : trim.samples();
  measured.level.samples = av_rescale(kept, plan.samples.sample_rate, source_rate);
  if (options.loudness) reach_loudness(measured, loudness.measure());
  if (options.peak) reach_peak(measured, loudness.measure());
  return measured;
}

}  // namespace decant::audio
