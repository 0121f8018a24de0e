#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/clock.h"

namespace decant {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return "info";
}

/// JSON string escaping (RFC 8259), with every control character and DEL as \u00XX: one line, safe on a terminal.
void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      line += '\\';
      line += character;
    } else if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\u{:04x}", byte);
    } else {
      line += character;
    }
  }
  line += '"';
}

}  // namespace

LogField::LogField(std::string_view field, double number) : name(field), value(fmt::format("{:.6g}", number)) {}

std::optional<LogLevel> find_log_level(std::string_view name) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (name == name_of(level)) return level;
  }
  return std::nullopt;
}

Logger::Logger(LogLevel level, LogFormat format)
    : logger_(std::make_unique<spdlog::logger>("decant", std::make_shared<spdlog::sinks::stderr_sink_mt>())),
      format_(format) {
  logger_->set_pattern("%v");
  logger_->set_level(to_spdlog(level));
}

Logger::~Logger() = default;

bool Logger::is_enabled(LogLevel level) const { return logger_->should_log(to_spdlog(level)); }

void Logger::write(LogLevel level, std::string_view sentence, LogFields fields) {
  if (!is_enabled(level)) return;
  const std::string now = to_iso8601(SystemClock().wall_now());
  std::string line;
  if (format_ == LogFormat::json) {
    line = fmt::format(R"({{"time":"{}","level":"{}","message":)", now, name_of(level));
    append_quoted(line, sentence);
    for (const LogField& field : fields) {
      line += ',';
      append_quoted(line, field.name);
      line += ':';
      if (field.quoted) {
        append_quoted(line, field.value);
      } else {
        line += field.value;
      }
    }
    line += '}';
  } else {
    line = fmt::format("{} {:<7} {}", now, name_of(level), sentence);
    for (const LogField& field : fields) {
      line += fmt::format(" {}=", field.name);
      if (field.quoted) {
        append_quoted(line, field.value);
      } else {
        line += field.value;
      }
    }
  }
  logger_->log(to_spdlog(level), line);
}

}  // namespace decant
