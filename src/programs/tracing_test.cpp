#include "programs/tracing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "objects/s3/testing_http_server.h"

namespace decant::programs {
namespace {

using namespace std::chrono_literals;
using objects::http_answer;
using objects::TestingHttpServer;
using testing::HasSubstr;
using testing::Not;

class TracingTest : public testing::Test {
 protected:
  Result<std::unique_ptr<tracing::SpanExporter>> start(const std::string& endpoint) {
    settings_.otlp_endpoint = endpoint;
    return start_exporter(settings_, metrics_, logger_);
  }
  /// What the metrics say after one span and the stop.
  std::string export_one(const std::string& endpoint) {
    const auto exporter = start(endpoint).value();
    sink_of(exporter.get())({.context = TraceContext::begin(), .name = "a span"});
    exporter->stop();
    return metrics_.render({});
  }
  std::optional<Span> span_of(const std::string& pattern, int status = 200) {
    route_.method = http::Method::post;
    route_.pattern = pattern;
    return make_span({request_, &route_, status, 2s}, std::chrono::sys_time<std::chrono::nanoseconds>(10s));
  }

  Settings settings_ = load_settings({})->values;
  metrics::Metrics metrics_{"1", {}};
  Logger logger_{LogLevel::error, LogFormat::text};
  http::Request request_;
  http::Route route_;
};

TEST_F(TracingTest, IsOffWhereNothingIsSaid) {
  EXPECT_EQ(start("").value(), nullptr);
  EXPECT_FALSE(sink_of(nullptr));
}

TEST_F(TracingTest, PostsJson) {
  const TestingHttpServer collector([](const auto&) { return http_answer(200, "{}"); });
  EXPECT_THAT(export_one(collector.origin()), HasSubstr("decant_spans_total{result=\"exported\"} 1\n"));
  EXPECT_THAT(export_one(collector.origin() + "/behind/a/proxy/"),
              HasSubstr("decant_spans_total{result=\"exported\"} 2\n"));
  const auto asked = collector.asked();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0].method, "POST");
  EXPECT_EQ(asked[0].target, "/v1/traces");
  EXPECT_EQ(asked[0].fields.at("content-type"), "application/json");
  EXPECT_THAT(asked[0].fields.at("user-agent"), testing::StartsWith("decant/"));
  EXPECT_THAT(asked[0].body, HasSubstr("\"a span\""));
  EXPECT_EQ(asked[1].target, "/behind/a/proxy/v1/traces");
}

TEST_F(TracingTest, FollowsNoRedirect) {
  const TestingHttpServer elsewhere([](const auto&) { return http_answer(200); });
  const TestingHttpServer collector(
      [&](const auto&) { return http_answer(307, "", "Location: " + elsewhere.origin() + "/v1/traces\r\n"); });
  EXPECT_THAT(export_one(collector.origin()), HasSubstr("decant_spans_total{result=\"failed\"} 1\n"));
  EXPECT_EQ(elsewhere.asked().size(), 0U);
  EXPECT_EQ(collector.asked().size(), 1U);
}

TEST_F(TracingTest, RefusesWhatIsNoEndpointWithoutRepeatingIt) {
  for (const std::string endpoint :
       {"127.0.0.1:4318", "ftp://127.0.0.1", "http://", "http://ada:s3cret@host:4318", "http://s3cret@host",
        "http://host?token=s3cret", "http://host#s3cret", "http://ho st", "file:///s3cret", "s3cret"}) {
    const auto started = start(endpoint);
    ASSERT_FALSE(started) << endpoint;
    EXPECT_EQ(started.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(started.error().message, HasSubstr("otlp_endpoint"));
    EXPECT_THAT(started.error().describe(), Not(HasSubstr("s3cret")));
  }
}

TEST_F(TracingTest, ARequestIsASpanOfAServer) {
  const TraceContext caller = TraceContext::begin();
  request_.method = http::Method::post;
  request_.path = "/api/tasks/\xc3\xa9 \"\n" + std::string(1000, 'x');
  request_.scheme = "https";
  request_.request_id = "my-own";
  request_.trace = caller.next_span();
  request_.parent_span = caller.span_id();
  const auto span = span_of("/api/tasks/{id}", 201);
  ASSERT_TRUE(span);
  EXPECT_EQ(span->context, request_.trace);
  EXPECT_EQ(span->parent, caller.span_id());
  EXPECT_EQ(span->name, "POST /api/tasks/{id}");
  EXPECT_EQ(span->kind, Span::Kind::server);
  EXPECT_EQ(span->start.time_since_epoch(), 8s);
  EXPECT_EQ(span->took, 2s);
  EXPECT_EQ(span->error, "");
  const std::map<std::string_view, Span::Value> attributes(span->attributes.begin(), span->attributes.end());
  EXPECT_EQ(attributes.at("http.request.method"), Span::Value("POST"));
  EXPECT_EQ(attributes.at("http.route"), Span::Value("/api/tasks/{id}"));
  EXPECT_EQ(attributes.at("http.response.status_code"), Span::Value(std::int64_t{201}));
  EXPECT_EQ(attributes.at("url.scheme"), Span::Value("https"));
  EXPECT_EQ(attributes.at("decant.request.id"), Span::Value("my-own"));
  const std::string path = std::get<std::string>(attributes.at("url.path"));
  EXPECT_THAT(path, testing::StartsWith("/api/tasks/%C3%A9%20%22%0Axxx"));
  EXPECT_LT(path.size(), 300U);
}

TEST_F(TracingTest, OnlyAFaultOfTheServersIsAnError) {
  request_.trace = TraceContext::begin();
  EXPECT_EQ(span_of("/api/tasks", 404)->error, "");
  EXPECT_EQ(span_of("/api/tasks", 503)->error, "503");
}

TEST_F(TracingTest, NoSpanIsMadeOfWhatIsNotToBeRecorded) {
  request_.trace = TraceContext::begin();
  EXPECT_TRUE(span_of("/api/tasks"));
  for (const char* other : {"/livez", "/readyz", "/", "/app.js", "/metrics"}) EXPECT_FALSE(span_of(other)) << other;
  EXPECT_FALSE(make_span({request_, nullptr, 404, 1s}, {}));
  std::string not_sampled = request_.trace.text();
  not_sampled.back() = '0';
  request_.trace = TraceContext::parse(not_sampled).value();
  EXPECT_FALSE(span_of("/api/tasks"));
}

}  // namespace
}  // namespace decant::programs
