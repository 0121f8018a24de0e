#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "programs/batch/plan.h"

namespace decant::programs::batch {

/// How far a batch has come.
struct ProgressState {
  int files_done = 0;
  int files = 0;
  /// What the guesses of PlannedFile::length add up to: of what is done, with the part of what is in work; and of all.
  std::chrono::duration<double> guess_done{};
  std::chrono::duration<double> guess{};
  std::chrono::duration<double> audio{};  ///< that was converted
  std::chrono::duration<double> elapsed{};
  std::vector<std::string> names;  ///< of the files in work
};

/// One line for people, at most `width` characters wide: files done, speed in times real time, time left, names.
[[nodiscard]] std::string render(const ProgressState& state, std::size_t width);

/// Writes that line over and over on standard error, at most ten times a second. Thread-safe.
class Progress {
 public:
  explicit Progress(const std::vector<PlannedFile>& work);
  /// Removes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void start(const PlannedFile& file);
  /// `part` from 0 to 1.
  void show(const PlannedFile& file, double part);
  /// `audio`: how much of it was converted.
  void finish(const PlannedFile& file, std::chrono::duration<double> audio);

 private:
  [[nodiscard]] ProgressState state() const;
  void draw();

  std::mutex mutex_;
  ProgressState done_;
  std::map<const PlannedFile*, double> in_work_;  ///< and the part done
  const SteadyTime started_ = std::chrono::steady_clock::now();
  SteadyTime next_draw_{};
};

}  // namespace decant::programs::batch
