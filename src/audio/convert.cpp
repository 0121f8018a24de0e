#include "audio/copy/copy.h"
#include "audio/decoder.h"
#include "audio/engine.h"
#include "audio/measure.h"
#include "audio/media_info.h"
#include "audio/pcm_stream.h"
#include "audio/plan.h"
#include "audio/progress.h"
#include "audio/report.h"
#include "audio/sound_file.h"
#include "audio/split/chapters.h"
#include "audio/tags/cover.h"
#include "audio/tags/read.h"

namespace decant::audio {

namespace {

/// How long the output will be, as far as the source tells.
std::optional<std::int64_t> expected_samples(const Source& source, const tasks::ConversionOptions& options,
                                             int sample_rate) {
  auto end = source.duration();
  if (options.end && (!end || *options.end < *end)) end = options.end;
  if (!end) return std::nullopt;
  const tasks::AudioTime length = *end - options.start.value_or(tasks::AudioTime{});
  return av_rescale(std::max<std::int64_t>(length.count(), 0), sample_rate, AV_TIME_BASE);
}

std::optional<SoundAnalysis> make_analysis(const tasks::AnalysisOptions& options) {
  if (options.wanted.empty()) return std::nullopt;
  return std::make_optional<SoundAnalysis>(options);
}

/// The conversion's result, as `report` and what was found on the way tell it.
Result<tasks::ConversionResult> make_result(Report report, std::optional<SoundAnalysis> analysis, int extras) {
  tasks::ConversionResult result;
  if (analysis) {
    DECANT_TRY(SoundAnalysis::Findings findings, analysis->finish(extras));
    report.analysis = std::move(findings.report);
    result.artifacts = std::move(findings.artifacts);
  }
  result.report = to_json(report);
  result.samples = report.output->samples;
  result.sample_rate = report.output->sample_rate;
  result.duration = tasks::AudioTime(av_rescale(result.samples, AV_TIME_BASE, result.sample_rate));
  return result;
}

/// The result of copying; nothing where the sound has to be encoded.
Result<std::optional<tasks::ConversionResult>> try_to_copy(const tasks::ConversionJob& job, const Format& format,
                                                           const Source& source, const Metadata& metadata,
                                                           const Picture* cover, Report report,
                                                           ProgressMeter& progress) {
  std::optional<SoundAnalysis> analysis = make_analysis(job.options.analysis);
  const FrameListener listener = [&](AVFrame& frame, double part) {
    if (analysis) analysis->add(frame);
    progress.tell(part);
  };
  const Transfer transfer = plan_transfer(metadata, format, {}, job.options.metadata, cover);
  DECANT_TRY(const auto copy, copy_sound(source, format, transfer.metadata, job.output, listener));
  if (!copy) return std::nullopt;
  DECANT_TRY(const ByteCount size, av::size_by_seeking(job.output));
  report.transfer = &transfer;
  report.notes.emplace_back("The sound was copied, not encoded again: nothing is lost.");
  report.output = OutputInfo{.format = format.target.name,
                             .codec = avcodec_get_name(format.copied->id),
                             .sample_rate = copy->heard.sound.sample_rate,
                             .channels = copy->heard.sound.layout.channels(),
                             .bits_per_sample = source.bits_per_sample(),
                             .samples = copy->heard.samples,
                             .size = size,
                             .pcm_md5 = copy->digest ? to_hex(*copy->digest) : "",
                             .copied = true};
  return make_result(std::move(report), std::move(analysis), job.extras);
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
  DECANT_TRY(Source source, Source::open(job.input));
  // Read the tags.
  const Metadata metadata = read_metadata(source);
  const bool is_split = job.options.metadata.chapters == tasks::Chapters::split;
  if (is_split && metadata.chapters.empty()) return nothing_to_split();
  std::optional<Picture> cover;
  if (job.cover >= 0) {
    DECANT_TRY(cover, read_cover(job.cover));
  }
  Report report;
  report.input = describe(source, metadata);
  ProgressMeter progress(on_progress);
  // Copy.
  if (!is_split && can_copy(source, *format, job.options)) {
    DECANT_TRY(auto copied, try_to_copy(job, *format, source, metadata, cover ? &*cover : nullptr, report, progress));
    if (copied) return std::move(*copied);
    DECANT_TRY(source, Source::open(job.input));
  }

  // The first frame tells what the audio really is; headers only claim.
  DECANT_TRY(Decoder decoder, Decoder::open(source));
  DECANT_TRY(AVFrame * first, decoder.next());
  DECANT_TRY(Plan plan, make_plan(*format, decoder.sound(), job.options));
  // Some options ask about the whole sound first.
  DECANT_TRY(const Measured measured, measure(job.input, job.options, plan, progress));
  const tasks::ConversionOptions& options = measured.options;
  const Cut cut{options.start.value_or(tasks::AudioTime{}), options.end, measured.level.gain != 0};
  std::optional<SoundAnalysis> analysis = make_analysis(options.analysis);
  PcmStream pcm(decoder, first, options, make_processing(plan, decoder.sound(), options, measured.level),
                analysis ? &*analysis : nullptr);
  const auto expected = expected_samples(source, options, plan.samples.sample_rate);
  SoundFile file;
  Transfer transfer;
  if (is_split) {
    const ChaptersJob chapters{*format,  plan,       metadata, options, cut, cover ? &*cover : nullptr,
                               expected, job.output, cores};
    DECANT_TRY(SplitSound split, split_at_chapters(chapters, pcm, progress));
    file = std::move(split.archive);
    transfer = std::move(split.transfer);
    report.parts = std::move(split.parts);
  } else {
    transfer = plan_transfer(metadata, *format, cut, options.metadata, cover ? &*cover : nullptr);
    DECANT_TRY(file, write_sound({*format, plan, transfer.metadata, options.quality, expected, job.output}, pcm, cores,
                                 progress));
  }
  if (file.samples == 0) return nothing_in_cut(options, decoder);
  report.transfer = &transfer;

  report.notes = plan.notes;
  report.notes.insert(report.notes.end(), measured.notes.begin(), measured.notes.end());
  if (pcm.overs() > 0) {
    report.notes.push_back(
        fmt::format("{} samples went beyond full scale and were cut off: less gain would keep them.", pcm.overs()));
  }
  report.losses = decoder.losses();
  report.output = OutputInfo{.format = format->target.name,
                             .codec = avcodec_get_name(file.codec),
                             .sample_rate = plan.samples.sample_rate,
                             .channels = plan.samples.layout.channels(),
                             .bits_per_sample = format->target.lossless ? plan.bits() : 0,
                             .samples = file.samples,
                             .size = file.size,
                             .pcm_md5 = file.pcm_md5};
  return make_result(std::move(report), std::move(analysis), job.extras);
}

}  // namespace decant::audio
