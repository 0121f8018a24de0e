#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"
#include "tasks/task.h"

namespace decant::broker {

/// A ring as brokers that carry messages carry it: {"task_id":"0198…","generation":1}. It says "look at this row" and
/// nothing else, so a forged one wastes a look.
[[nodiscard]] std::string encode_message(const tasks::TaskRef& task);

inline constexpr std::size_t longest_message = 1024;  ///< bytes
inline constexpr std::size_t deepest_message = 4;     ///< levels of objects and arrays

/// The message's task. Whoever may publish may have written it: it is one JSON object (RFC 8259, UTF-8) within both
/// bounds, with no name twice, task_id a string that is a UUID, and generation an integer, 1 or more. Other names are
/// ignored, so that a newer decant may add one while older workers still listen. invalid_argument says what is wrong
/// without repeating the message.
[[nodiscard]] Result<tasks::TaskRef> parse_message(std::string_view message);

/// Counts the messages that parse_message refused, and logs so few of them that a flood of messages is no flood of log
/// lines. Thread-safe.
class RefusedMessages {
 public:
  /// The logger outlives it.
  explicit RefusedMessages(Logger& logger) : logger_(logger) {}

  /// Logs the first, second, fourth, eighth … with the beginning of the message.
  void add(std::string_view message, const Error& why);
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  Logger& logger_;
  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace decant::broker
