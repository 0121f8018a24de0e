#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "programs/commands.h"
#include "tasks/converter.h"

namespace decant::programs::batch {

enum class Fate { converted, copied, up_to_date, planned, skipped, failed };
inline constexpr std::size_t fate_count = 6;

/// What became of one file.
struct Outcome {
  Fate fate = Fate::skipped;
  std::string input;
  std::string output;                             ///< empty where there is none
  std::string reason;                             ///< of skipped ones
  std::optional<Error> error;                     ///< of failed ones
  std::optional<tasks::ConversionResult> result;  ///< of converted ones
  std::chrono::duration<double> elapsed{};
};

/// Tells what becomes of each file, and in the end of all: as NDJSON on standard output, or as text for people on
/// standard error. Thread-safe.
class Report {
 public:
  explicit Report(ConvertCommand::Output told) : told_(told) {}

  void add(const Outcome& outcome);
  /// Why files failed, what of tags, pictures and chapters is missing, where audio was lost, and the summary. Returns
  /// whether any file failed.
  [[nodiscard]] bool finish();

 private:
  void print_text(const Outcome& outcome);
  void print_summary(std::chrono::duration<double> elapsed) const;

  const ConvertCommand::Output told_;
  const SteadyTime started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::array<int, fate_count> counts_{};
  std::chrono::duration<double> audio_{};
  std::vector<std::string> complaints_;  ///< told in the end, when no progress line stands in the way
};

/// One line of NDJSON, without its end: {"input", "output", "status", …}.
[[nodiscard]] std::string to_json(const Outcome& outcome);

}  // namespace decant::programs::batch
