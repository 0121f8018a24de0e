#pragma once

#include <chrono>
#include <functional>
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
  /// How long the audio is, for the speed; nothing when unknown.
  using FindLength = std::function<std::optional<std::chrono::milliseconds>()>;
  /// Asks for the length once, and only when the work takes so long that the speed is shown.
  explicit ProgressLine(FindLength find_length = {});
  /// Removes the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  /// `part` from 0 to 1.
  void show(double part);

 private:
  FindLength find_length_;
  std::optional<std::chrono::milliseconds> length_;
  SteadyTime started_ = std::chrono::steady_clock::now();
};

}  // namespace decant::programs
