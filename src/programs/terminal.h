#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace decant::programs {

[[nodiscard]] bool is_terminal(int fd);

/// Asks on the terminal without echo; the first line of it, without its end. Blocks. unavailable without a terminal.
Result<std::string> ask_password(const std::string& prompt);
/// The first line of standard input, at most 1 KiB.
Result<std::string> read_password_line();

/// Text of a file for people: control characters become "?", so that a tag can neither drive a terminal nor break a
/// line.
[[nodiscard]] std::string printable(std::string_view text);

/// "1:02:03", "4:05".
[[nodiscard]] std::string format_clock(std::chrono::milliseconds time);

/// One line on standard error that is written over: part done, speed in times real time, time left.
class ProgressLine {
 public:
  /// `audio`: how long the audio is, for the speed; nothing when unknown.
  explicit ProgressLine(std::optional<std::chrono::milliseconds> audio);
  /// Removes the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  /// `part` from 0 to 1.
  void show(double part);

 private:
  std::optional<std::chrono::milliseconds> audio_;
  SteadyTime started_ = std::chrono::steady_clock::now();
};

}  // namespace decant::programs
