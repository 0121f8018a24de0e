#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/trace_context.h"

namespace decant {

/// A piece of work of a trace that is over (https://opentelemetry.io/docs/specs/otel/trace/api/#span). Never a secret
/// in it, and no text of users: names, codes and ids.
struct Span {
  enum class Kind { internal = 1, server = 2, consumer = 5 };  // the numbers of opentelemetry.proto.trace.v1
  using Value = std::variant<std::string, std::int64_t>;

  TraceContext context;     ///< its trace, and its own id
  std::string parent = {};  ///< the id of the span above; empty: there is none
  std::string name;
  Kind kind = Kind::internal;
  std::chrono::sys_time<std::chrono::nanoseconds> start{};
  std::chrono::nanoseconds took{};
  std::vector<std::pair<std::string_view, Value>> attributes = {};  ///< the names are literals
  std::string error = {};                                           ///< what kind of failure; empty: none
};

/// Takes spans to be exported. Called from any thread, returns at once. Empty: nobody wants any.
using SpanSink = std::function<void(Span)>;

}  // namespace decant
