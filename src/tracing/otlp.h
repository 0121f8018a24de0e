#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/span.h"

namespace decant::tracing {

/// Whose spans these are (https://opentelemetry.io/docs/specs/semconv/resource/#service).
struct Resource {
  std::string version;   ///< of the program
  std::string instance;  ///< which process
};

/// An ExportTraceServiceRequest in the JSON of OTLP/HTTP
/// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hexadecimal, 64-bit integers as strings,
/// enumerators as numbers.
[[nodiscard]] std::string to_otlp_json(const Resource& resource, std::span<const Span> spans);

/// How many of the spans a collector did not take though it answered 200, by its ExportTraceServiceResponse. 0 where
/// the answer does not say so.
[[nodiscard]] std::int64_t rejected_spans(std::string_view answer);

}  // namespace decant::tracing
