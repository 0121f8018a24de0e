#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "audio/spare_cores.h"
#include "tasks/converter.h"
#include "tasks/media.h"
#include "tasks/options.h"

namespace decant::audio {

/// What can be read and written: made from the one table in formats/.
const tasks::FormatCatalog& catalog();

/// Silences the libraries and bounds what they allocate. Before anything is read.
void set_up();

/// What libav needs of the libraries that it brings along, as beginnings of their file names: what unpacks and, for
/// conversions, encoders. The decoders that read uploads are its own.
[[nodiscard]] std::vector<std::string_view> libraries(tasks::ConverterDuty duty);

/// Loads lazy tables of the libraries and touches what every job needs, so that forked children find it ready.
/// Single-threaded; before any lock-down.
void preload(tasks::ConverterDuty duty);

/// Reads `input` by pread only. See tasks::Converter for the errors.
Result<tasks::MediaInfo> probe(int input);

/// Called with the part done, 0 to 1.
using Progress = std::function<void(double)>;

/// Reads job.input by pread, writes job.output and job.extras by pwrite; opens, maps and executes nothing else, so that
/// it runs inside the sandbox. Takes further threads while there are spare cores. One call per process at a time;
/// job.time_limit is the supervisor's and not looked at.
Result<tasks::ConversionResult> convert(const tasks::ConversionJob& job, const Progress& on_progress,
                                        const SpareCores& cores = {});

/// What convert() does with a job without a target: decodes, makes the analyses, writes job.extras.
Result<tasks::ConversionResult> analyze(const tasks::ConversionJob& job, const Progress& on_progress);

}  // namespace decant::audio
