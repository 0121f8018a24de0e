#pragma once

#include <chrono>
#include <vector>

#include "audio/analysis/float_samples.h"
#include "tasks/options.h"

namespace decant::audio {

/// Where nothing is heard: every channel stays below a level for at least a time.
class SilenceMap {
 public:
  struct Options {
    double threshold = -60;  ///< dBFS
    tasks::AudioTime shortest = std::chrono::milliseconds(500);
    std::size_t most_ranges = 1000;  ///< that are listed; all are counted
  };
  struct Range {
    tasks::AudioTime begin{};
    tasks::AudioTime end{};
  };

  explicit SilenceMap(const Options& options);

  void add(const FloatBlock& block);
  /// The silence at the end. Once, after the last block.
  void finish();

  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }
  /// Ranges found, also beyond those listed, and how long they are together.
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] tasks::AudioTime total() const { return total_; }

 private:
  void end_run(tasks::AudioTime end);
  [[nodiscard]] tasks::AudioTime time_of(std::int64_t sample) const;

  Options options_;
  float loudest_silent_;
  int sample_rate_ = 0;
  tasks::AudioTime rate_begin_{};  // where the part of this rate began
  std::int64_t position_ = 0;      // samples since then
  bool is_silent_ = false;
  tasks::AudioTime run_begin_{};
  std::vector<float> envelope_;
  std::vector<Range> ranges_;
  std::int64_t count_ = 0;
  tasks::AudioTime total_{};
};

}  // namespace decant::audio
