#include "tracing/otlp.h"

#include <boost/json.hpp>
#include <charconv>

namespace decant::tracing {
namespace {

namespace json = boost::json;

constexpr int status_error = 2;  // opentelemetry.proto.trace.v1.Status.StatusCode

json::value attribute(std::string_view name, const Span::Value& value) {
  json::object any;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    any.emplace("intValue", std::to_string(*number));
  } else {
    any.emplace("stringValue", std::get<std::string>(value));
  }
  return json::object{{"key", std::string(name)}, {"value", std::move(any)}};
}

std::string nanoseconds(std::chrono::sys_time<std::chrono::nanoseconds> time) {
  return std::to_string(time.time_since_epoch().count());
}

json::value to_json(const Span& span) {
  json::array attributes;
  for (const auto& [name, value] : span.attributes) attributes.push_back(attribute(name, value));
  if (!span.error.empty()) attributes.push_back(attribute("error.type", span.error));
  json::object object{{"traceId", std::string(span.context.trace_id())},
                      {"spanId", std::string(span.context.span_id())},
                      {"name", span.name},
                      {"kind", static_cast<int>(span.kind)},
                      {"startTimeUnixNano", nanoseconds(span.start)},
                      {"endTimeUnixNano", nanoseconds(span.start + span.took)},
                      {"attributes", std::move(attributes)}};
  if (!span.parent.empty()) object.emplace("parentSpanId", span.parent);
  if (!span.error.empty()) object.emplace("status", json::object{{"code", status_error}});
  return object;
}

}  // namespace

std::string to_otlp_json(const Resource& resource, std::span<const Span> spans) {
  json::array encoded;
  for (const Span& span : spans) encoded.push_back(to_json(span));
  const json::array described{attribute("service.name", "decant"), attribute("service.version", resource.version),
                              attribute("service.instance.id", resource.instance)};
  const json::object scope{{"name", "decant"}, {"version", resource.version}};
  const json::object scope_spans{{"scope", scope}, {"spans", std::move(encoded)}};
  const json::object resource_spans{{"resource", json::object{{"attributes", described}}},
                                    {"scopeSpans", json::array{scope_spans}}};
  return json::serialize(json::object{{"resourceSpans", json::array{resource_spans}}});
}

std::int64_t rejected_spans(std::string_view answer) {
  std::error_code error;
  const json::value value = json::parse(answer, error);
  if (error || !value.is_object()) return 0;
  const json::value* partial = value.get_object().if_contains("partialSuccess");
  if (partial == nullptr || !partial->is_object()) return 0;
  const json::value* rejected = partial->get_object().if_contains("rejectedSpans");
  if (rejected == nullptr) return 0;
  if (rejected->is_int64()) return rejected->get_int64();
  if (!rejected->is_string()) return 0;
  const json::string& text = rejected->get_string();
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace decant::tracing
