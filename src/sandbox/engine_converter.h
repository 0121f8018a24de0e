#pragma once

#include <memory>

#include "base/log.h"
#include "sandbox/engine_options.h"
#include "tasks/converter.h"

namespace decant::sandbox {

class Supervisor;
struct JobEnd;
struct JobFiles;
struct JobSpec;

/// The port's real adapter: every probe and every conversion in a child process of its own, locked down before it reads
/// the first byte. Descriptors given to it must be of regular files; children get the input read-only, even if the
/// descriptor could write.
class EngineConverter final : public tasks::Converter {
 public:
  /// Starts the engine, which takes some 100 ms, and logs once which measures are active. `log` must outlive the
  /// converter.
  static Result<std::unique_ptr<EngineConverter>> start(EngineOptions options, Logger& log);
  /// No call may be running any more.
  ~EngineConverter() override;

  [[nodiscard]] const tasks::FormatCatalog& formats() const override { return formats_; }
  Result<tasks::MediaInfo> probe(int input) override;
  Result<tasks::ConversionResult> convert(const tasks::ConversionJob& job, const tasks::ProgressListener& on_progress,
                                          std::stop_token stop) override;

 private:
  EngineConverter(EngineOptions options, std::unique_ptr<Supervisor> supervisor, tasks::FormatCatalog formats);
  Result<JobEnd> run(const JobSpec& job, const JobFiles& files, const tasks::ProgressListener& on_progress,
                     const std::stop_token& stop);

  const EngineOptions options_;
  std::unique_ptr<Supervisor> supervisor_;
  tasks::FormatCatalog formats_;
};

}  // namespace decant::sandbox
