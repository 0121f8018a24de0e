#include "http/conditional.h"

#include <gtest/gtest.h>

#include "http/http_date.h"

namespace decant::http {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr auto modified = std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + std::chrono::hours(8) +
                          std::chrono::minutes(49) + std::chrono::seconds(37);
const Representation thing{.etag = "\"v1\"", .last_modified = modified, .size = 1000};
const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
const std::string earlier = "Sun, 06 Nov 1994 08:49:36 GMT";

std::string selected(const Fields& fields, Method method = Method::get, const Representation& representation = thing) {
  Request request;
  request.method = method;
  request.headers = fields;
  const Selection selection = select(request, representation);
  if (selection.status != 200 && selection.status != 206) return std::to_string(selection.status);
  return std::to_string(selection.status) + " " + std::to_string(selection.offset) + "+" +
         std::to_string(selection.length);
}

TEST(HttpDate, ReadsAllThreeForms) {
  const auto now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  EXPECT_EQ(to_http_date(modified), date);
  EXPECT_EQ(parse_http_date(date, now), modified);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now), modified);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", now), modified);
  for (const char* bad :
       {"", "yesterday", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08-49-37 GMT"}) {
    EXPECT_EQ(parse_http_date(bad, now), std::nullopt) << bad;
  }
}

TEST(Conditional, GivesTheWholeWithoutConditions) {
  EXPECT_EQ(selected({}), "200 0+1000");
  EXPECT_EQ(selected({{"If-None-Match", "\"v2\""}, {"If-Modified-Since", date}}),
            "200 0+1000");  // the tag counts, not the date
}

TEST(Conditional, ComparesTags) {
  EXPECT_EQ(selected({{"If-None-Match", "\"v1\""}}), "304");
  EXPECT_EQ(selected({{"If-None-Match", "\"a,b\", W/\"v1\""}}), "304");
  EXPECT_EQ(selected({{"If-None-Match", "*"}}), "304");
  EXPECT_EQ(selected({{"If-None-Match", "v1"}}), "200 0+1000");
  EXPECT_EQ(selected({{"If-None-Match", "\"v1\""}}, Method::put), "412");
  EXPECT_EQ(selected({{"If-Match", "\"v1\""}}), "200 0+1000");
  EXPECT_EQ(selected({{"If-Match", "W/\"v1\""}}), "412");
  EXPECT_EQ(selected({{"If-Match", "\"v0\", \"v2\""}}), "412");
  EXPECT_EQ(selected({{"If-Match", "\"v1\""}, {"If-None-Match", "\"v1\""}}), "304");
}

TEST(Conditional, ComparesDates) {
  EXPECT_EQ(selected({{"If-Modified-Since", date}}), "304");
  EXPECT_EQ(selected({{"If-Modified-Since", earlier}}), "200 0+1000");
  EXPECT_EQ(selected({{"If-Modified-Since", "nonsense"}}), "200 0+1000");
  EXPECT_EQ(selected({{"If-Unmodified-Since", earlier}}), "412");
  EXPECT_EQ(selected({{"If-Unmodified-Since", date}}), "200 0+1000");
}

TEST(Conditional, Pitfall13SelectsOneRange) {
  const auto range = [](const std::string& value) { return selected({{"Range", value}}); };
  EXPECT_EQ(range("bytes=0-0"), "206 0+1");
  EXPECT_EQ(range("bytes=10-19"), "206 10+10");
  EXPECT_EQ(range("Bytes = 990-"), "206 990+10");
  EXPECT_EQ(range("bytes=990-99999999999999999999999"), "206 990+10");
  EXPECT_EQ(range("bytes=-10"), "206 990+10");
  EXPECT_EQ(range("bytes=-5000"), "206 0+1000");
  EXPECT_EQ(range("bytes=1000-"), "416");
  EXPECT_EQ(range("bytes=99999999999999999999-"), "416");
  EXPECT_EQ(range("bytes=-0"), "416");
  for (const char* ignored : {"bytes=5-2", "bytes=a-b", "bytes=", "bytes=-", "bytes=--5", "bytes=+1-2", "bytes=1",
                              "lines=0-1", "bytes=0-0,-1", "bytes=1-2-3", "bytes=0x1-2"}) {
    EXPECT_EQ(range(ignored), "200 0+1000") << ignored;
  }
}

TEST(Conditional, IgnoresRangesOfOtherMethodsAndOfOtherVersions) {
  EXPECT_EQ(selected({{"Range", "bytes=0-0"}}, Method::head), "200 0+1000");
  EXPECT_EQ(selected({{"Range", "bytes=0-0"}, {"If-Range", "\"v1\""}}), "206 0+1");
  EXPECT_EQ(selected({{"Range", "bytes=0-0"}, {"If-Range", date}}), "206 0+1");
  EXPECT_EQ(selected({{"Range", "bytes=0-0"}, {"If-Range", "\"v0\""}}), "200 0+1000");
  EXPECT_EQ(selected({{"Range", "bytes=0-0"}, {"If-Range", "W/\"v1\""}}), "200 0+1000");
  EXPECT_EQ(selected({{"Range", "bytes=0-0"}, {"If-Range", earlier}}), "200 0+1000");
  EXPECT_EQ(selected({{"Range", "bytes=0-0"}, {"If-Range", "nonsense"}}), "200 0+1000");
}

TEST(Conditional, TakesAnEmptyThing) {
  const Representation empty{.etag = "\"e\""};
  EXPECT_EQ(selected({{"Range", "bytes=0-"}}, Method::get, empty), "416");
  EXPECT_EQ(selected({{"Range", "bytes=-1"}}, Method::get, empty), "200 0+0");
  EXPECT_EQ(selected({{"If-Modified-Since", date}}, Method::get, empty), "200 0+0");
}

TEST(Conditional, MakesTheResponse) {
  Request request;
  request.headers = {{"Range", "bytes=2-4"}};
  Response part = make_static_response(request, "\"s\"", "0123456789");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(std::get<std::string_view>(part.body), "234");
  EXPECT_THAT(part.headers, testing::IsSupersetOf({std::pair<std::string, std::string>("Content-Range", "bytes 2-4/10"),
                                                   {"ETag", "\"s\""},
                                                   {"Accept-Ranges", "bytes"}}));
  request.headers = {{"Range", "bytes=20-"}};
  const Response outside = make_static_response(request, "\"s\"", "0123456789");
  EXPECT_EQ(outside.status, 416);
  EXPECT_THAT(outside.headers, testing::Contains(std::pair<std::string, std::string>("Content-Range", "bytes */10")));
}

}  // namespace
}  // namespace decant::http
