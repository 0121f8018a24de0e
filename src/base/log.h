#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spdlog {
class logger;
}

namespace decant {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

[[nodiscard]] std::optional<LogLevel> find_log_level(std::string_view name);

/// One named value of a log line. Text of users is escaped in both formats, so that it can neither break a line nor
/// drive a terminal.
struct LogField {
  LogField(std::string_view field, std::string_view text) : name(field), value(text), quoted(true) {}
  LogField(std::string_view field, const std::string& text) : LogField(field, std::string_view(text)) {}
  LogField(std::string_view field, const char* text) : LogField(field, std::string_view(text)) {}
  LogField(std::string_view field, std::int64_t number) : name(field), value(std::to_string(number)) {}
  LogField(std::string_view field, int number) : LogField(field, std::int64_t{number}) {}
  LogField(std::string_view field, std::size_t number) : LogField(field, static_cast<std::int64_t>(number)) {}
  LogField(std::string_view field, double number);

  std::string name;
  std::string value;
  bool quoted = false;
};

using LogFields = std::initializer_list<LogField>;

/// Structured log lines on standard error: a constant sentence and named fields. Thread-safe; a line is one write.
/// Never give it a secret.
class Logger {
 public:
  Logger(LogLevel level, LogFormat format);
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  [[nodiscard]] bool is_enabled(LogLevel level) const;
  void write(LogLevel level, std::string_view sentence, LogFields fields = {});
  void debug(std::string_view sentence, LogFields fields = {}) { write(LogLevel::debug, sentence, fields); }
  void info(std::string_view sentence, LogFields fields = {}) { write(LogLevel::info, sentence, fields); }
  void warning(std::string_view sentence, LogFields fields = {}) { write(LogLevel::warning, sentence, fields); }
  void error(std::string_view sentence, LogFields fields = {}) { write(LogLevel::error, sentence, fields); }

 private:
  std::unique_ptr<spdlog::logger> logger_;
  LogFormat format_;
};

}  // namespace decant
