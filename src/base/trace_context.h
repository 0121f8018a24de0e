#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace decant {

/// A place in a trace: which trace, which span of it, and whether it is recorded (W3C Trace Context,
/// https://www.w3.org/TR/trace-context/). One that was default-made is not set: it is in no trace.
class TraceContext {
 public:
  TraceContext() = default;
  /// The field `traceparent`. Nothing where the recommendation has it ignored: not lower-case hexadecimal, an id of
  /// zeros, version ff, something behind version 00, more than one field. Of a later version what version 00 knows is
  /// taken.
  static std::optional<TraceContext> parse(std::string_view traceparent);
  /// The first span of a new trace, which is recorded.
  static TraceContext begin();
  /// Another span of the same trace.
  [[nodiscard]] TraceContext next_span() const;

  [[nodiscard]] bool is_set() const { return !text_.empty(); }
  /// As a `traceparent` of version 00; empty when not set, as are the parts.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::string_view trace_id() const { return part(3, 32); }
  [[nodiscard]] std::string_view span_id() const { return part(36, 16); }
  [[nodiscard]] bool is_sampled() const { return part(53, 2) == "01"; }

  friend bool operator==(const TraceContext&, const TraceContext&) = default;

 private:
  explicit TraceContext(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::string_view part(std::size_t at, std::size_t length) const {
    return is_set() ? std::string_view(text_).substr(at, length) : std::string_view();
  }

  std::string text_;  ///< "00-{32 digits}-{16 digits}-00", or 01 at the end
};

}  // namespace decant
