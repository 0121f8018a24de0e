#pragma once

#include "audio/report.h"
#include "audio/sound_file.h"

namespace decant::audio {

struct ChaptersJob {
  const Format& format;
  const Plan& plan;
  const Metadata& metadata;  ///< of the source, with one chapter at least
  const tasks::ConversionOptions& options;
  const Cut& cut;
  const Picture* cover;                  ///< null: none is given
  std::optional<std::int64_t> expected;  ///< samples of the output, a hint
  int output = -1;                       ///< an empty regular file
  const SpareCores& cores;
};

struct SplitSound {
  SoundFile archive;  ///< the ZIP's size, all samples; 0 of them: the sound is empty
  std::vector<PartInfo> parts;
  Transfer transfer;  ///< of tags and pictures as in each part, and what became of the chapters
};

/// Makes a ZIP archive with a file for each chapter. The sound is decoded and processed in one go, and cut to the
/// sample where chapters begin, so that the parts, joined, are the whole: what stands before the first chapter belongs
/// to it, what is between two to the earlier.
Result<SplitSound> split_at_chapters(const ChaptersJob& job, PcmStream& pcm, ProgressMeter& progress);

/// The error of a source without chapters.
[[nodiscard]] Failure nothing_to_split();

}  // namespace decant::audio
