#include "programs/tracing.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "http/method.h"
#include "objects/s3/http_client.h"
#include "programs/options.h"

namespace decant::programs {
namespace {

constexpr ByteCount answer_limit = 64 * 1024;
constexpr std::size_t longest_path = 256;  // of a span

/// Where batches go.
struct Collector {
  std::string origin;
  std::string path;
};

Result<Collector> parse_endpoint(std::string_view text) {
  const auto url = boost::urls::parse_uri(text);
  const bool is_plain = url && (url->scheme() == "http" || url->scheme() == "https") && !url->host().empty() &&
                        !url->has_userinfo() && !url->has_query() && !url->has_fragment();
  if (!is_plain) {
    return failure(ErrorCode::invalid_argument,
                   "otlp_endpoint must be a URL like http://127.0.0.1:4318, without user, password and parameters");
  }
  std::string path(url->encoded_path());
  while (path.ends_with('/')) path.pop_back();
  return Collector{std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port()), path + "/v1/traces"};
}

/// Retry-After as seconds; its other form, a date, is left to the pauses of our own.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text) {
  int seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::chrono::seconds(seconds);
}

/// Posts batches on one connection, which is kept.
class Poster {
 public:
  Poster(Collector collector, std::chrono::milliseconds timeout)
      : collector_(std::move(collector)),
        client_({.connections = 1, .connect_timeout = timeout, .stall_timeout = timeout, .request_timeout = timeout}) {}

  tracing::CollectorAnswer post(const std::string& request) {
    const auto response =
        client_.perform({.method = "POST",
                         .origin = collector_.origin,
                         .path = collector_.path,
                         .headers = {{"Content-Type", "application/json"}, {"User-Agent", "decant/" DECANT_VERSION}},
                         .body = request,
                         .response_limit = answer_limit});
    if (!response) return {.detail = response.error().error.detail};
    return {.status = response->status,
            .retry_after = parse_retry_after(response->header("retry-after")),
            .body = response->body};
  }

 private:
  Collector collector_;
  objects::HttpClient client_;
};

/// As a URL has it, which is ASCII whatever the client sent.
std::string url_path(std::string_view path) { return objects::percent_encode_path(path.substr(0, longest_path)); }

}  // namespace

Result<std::unique_ptr<tracing::SpanExporter>> start_exporter(const Settings& settings, metrics::Metrics& metrics,
                                                              Logger& logger) {
  if (settings.otlp_endpoint.empty()) return nullptr;
  DECANT_TRY(Collector collector, parse_endpoint(settings.otlp_endpoint));
  logger.info("spans are exported", {{"to", collector.origin + collector.path}});
  // Shared with nobody: a std::function must be copyable.
  const auto poster = std::make_shared<Poster>(std::move(collector), settings.otlp_timeout);
  return std::make_unique<tracing::SpanExporter>(
      tracing::ExporterOptions{.queue = static_cast<std::size_t>(settings.otlp_queue),
                               .batch = static_cast<std::size_t>(settings.otlp_batch),
                               .interval = settings.otlp_interval},
      tracing::Resource{.version = DECANT_VERSION, .instance = process_name()},
      [poster](const std::string& request) { return poster->post(request); },
      [&metrics](tracing::SpanFate fate, std::size_t count) { metrics.spans_settled(to_string(fate), count); }, logger);
}

SpanSink sink_of(tracing::SpanExporter* exporter) {
  if (exporter == nullptr) return {};
  return [exporter](Span span) { exporter->add(std::move(span)); };
}

std::optional<Span> make_span(const http::Answered& answered, std::chrono::sys_time<std::chrono::nanoseconds> end) {
  const http::Request& request = answered.request;
  if (answered.route == nullptr || !answered.route->pattern.starts_with("/api/") || !request.trace.is_sampled()) {
    return std::nullopt;
  }
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(answered.took);
  const std::string method(http::to_string(request.method));
  return Span{.context = request.trace,
              .parent = request.parent_span,
              .name = fmt::format("{} {}", method, answered.route->pattern),
              .kind = Span::Kind::server,
              .start = end - took,
              .took = took,
              .attributes = {{"http.request.method", method},
                             {"http.route", answered.route->pattern},
                             {"http.response.status_code", std::int64_t{answered.status}},
                             {"url.scheme", request.scheme},
                             {"url.path", url_path(request.path)},
                             {"decant.request.id", request.request_id}},
              .error = answered.status >= 500 ? std::to_string(answered.status) : ""};
}

}  // namespace decant::programs
