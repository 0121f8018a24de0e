#include "tracing/otlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace decant::tracing {
namespace {

namespace json = boost::json;

using namespace std::chrono_literals;

Span example() {
  return {.context = TraceContext::parse("00-5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-01").value(),
          .parent = "eee19b7ec3c1b173",
          .name = "POST /api/tasks",
          .kind = Span::Kind::server,
          .start = std::chrono::sys_time<std::chrono::nanoseconds>(1'544'712'660'000'000'001ns),
          .took = 1s,
          .attributes = {{"http.route", "/api/tasks"}, {"http.response.status_code", std::int64_t{503}}},
          .error = "503"};
}

// The whole of it, field by field, as the protocol's own example writes them.
TEST(Otlp, WritesSpansAsTheProtocolHasThem) {
  const Span span = example();
  const json::value expected = json::parse(R"({"resourceSpans":[{
    "resource":{"attributes":[
      {"key":"service.name","value":{"stringValue":"decant"}},
      {"key":"service.version","value":{"stringValue":"1.2.3"}},
      {"key":"service.instance.id","value":{"stringValue":"host/7"}}]},
    "scopeSpans":[{
      "scope":{"name":"decant","version":"1.2.3"},
      "spans":[{
        "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173",
        "name":"POST /api/tasks","kind":2,
        "startTimeUnixNano":"1544712660000000001","endTimeUnixNano":"1544712661000000001",
        "attributes":[
          {"key":"http.route","value":{"stringValue":"/api/tasks"}},
          {"key":"http.response.status_code","value":{"intValue":"503"}},
          {"key":"error.type","value":{"stringValue":"503"}}],
        "status":{"code":2}}]}]}]})");
  EXPECT_EQ(json::parse(to_otlp_json({"1.2.3", "host/7"}, {&span, 1})), expected);
}

TEST(Otlp, LeavesOutWhatThereIsNot) {
  Span span = example();
  span.parent.clear();
  span.error.clear();
  span.kind = Span::Kind::consumer;
  const json::value root = json::parse(to_otlp_json({}, {&span, 1}));
  const json::object& written = root.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0).as_object();
  EXPECT_FALSE(written.contains("parentSpanId"));
  EXPECT_FALSE(written.contains("status"));
  EXPECT_EQ(written.at("kind"), 5);
  EXPECT_EQ(written.at("attributes").as_array().size(), 2U);
}

TEST(Otlp, EscapesWhatIsInAText) {
  Span span = example();
  span.name = "a\"b\\\n\x01";
  const json::value root = json::parse(to_otlp_json({"\"", "\n"}, {&span, 1}));
  EXPECT_EQ(root.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0).at("name").as_string(), span.name);
}

TEST(Otlp, ReadsHowManyWereNotTaken) {
  EXPECT_EQ(rejected_spans(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})"), 3);
  EXPECT_EQ(rejected_spans(R"({"partialSuccess":{"rejectedSpans":4}})"), 4);
  for (const char* none :
       {"", "{}", "[]", "null", "{", R"({"partialSuccess":{}})", R"({"partialSuccess":[]})",
        R"({"partialSuccess":{"rejectedSpans":"x"}})", R"({"partialSuccess":{"rejectedSpans":"1x"}})",
        R"({"partialSuccess":{"rejectedSpans":{}}})", "<html>"}) {
    EXPECT_EQ(rejected_spans(none), 0) << none;
  }
}

}  // namespace
}  // namespace decant::tracing
