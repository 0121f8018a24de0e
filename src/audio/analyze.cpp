#include "audio/analysis/sound_analysis.h"
#include "audio/decoder.h"
#include "audio/engine.h"
#include "audio/media_info.h"
#include "audio/progress.h"
#include "audio/report.h"
#include "audio/tags/read.h"
#include "audio/trim.h"

namespace decant::audio {

Result<tasks::ConversionResult> analyze(const tasks::ConversionJob& job, const Progress& on_progress) {
  DECANT_CHECK(tasks::check_analysis_options(job.options));
  DECANT_TRY(const Source source, Source::open(job.input));
  DECANT_TRY(Decoder decoder, Decoder::open(source));
  DECANT_TRY(AVFrame * frame, decoder.next());
  Trim trim(job.options, decoder.sound().sample_rate);
  SoundAnalysis analysis(job.options.analysis);
  ProgressMeter progress(on_progress);
  while (frame != nullptr && !trim.is_done()) {
    if (trim.cut(*frame)) analysis.add(*frame);
    progress.tell(decoder.progress());
    DECANT_TRY(frame, decoder.next());
  }
  if (trim.samples() == 0) return nothing_in_cut(job.options, decoder);

  DECANT_TRY(SoundAnalysis::Findings findings, analysis.finish(job.extras));
  Report report;
  report.input = describe(source, read_metadata(source));
  report.losses = decoder.losses();
  report.analysis = std::move(findings.report);
  tasks::ConversionResult result;
  result.report = to_json(report);
  result.samples = trim.samples();
  result.sample_rate = decoder.sound().sample_rate;
  result.duration = tasks::AudioTime(av_rescale(result.samples, AV_TIME_BASE, result.sample_rate));
  result.artifacts = std::move(findings.artifacts);
  return result;
}

}  // namespace decant::audio
