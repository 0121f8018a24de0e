#pragma once

#include <memory>
#include <optional>

#include "base/settings.h"
#include "base/span.h"
#include "http/server.h"
#include "metrics/metrics.h"
#include "tracing/span_exporter.h"

namespace decant::programs {

/// What sends spans to otlp_endpoint; nothing where that is empty. invalid_argument when it is none. The references
/// outlive it.
Result<std::unique_ptr<tracing::SpanExporter>> start_exporter(const Settings& settings, metrics::Metrics& metrics,
                                                              Logger& logger);

/// Its way in; none without one. It outlives whoever calls.
[[nodiscard]] SpanSink sink_of(tracing::SpanExporter* exporter);

/// A request of the API that was answered at `end` as a span of a server
/// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server). Nothing for the page's files and the
/// looks at whether decant lives, and where the trace is not recorded.
[[nodiscard]] std::optional<Span> make_span(const http::Answered& answered,
                                            std::chrono::sys_time<std::chrono::nanoseconds> end);

}  // namespace decant::programs
