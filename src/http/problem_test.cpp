#include "http/problem.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "http/request_head.h"

namespace decant::http {
namespace {

TEST(Problem, HasAStatusAndAReasonForEveryCode) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    names.emplace(to_string(code));
    EXPECT_GE(status_of(code), 400) << to_string(code);
    EXPECT_NE(reason_of(status_of(code)), "") << to_string(code);
  }
  EXPECT_EQ(names.size(), 16);
  EXPECT_EQ(status_of(ErrorCode::quota_exceeded), 507);
  EXPECT_EQ(status_of(ErrorCode::unsupported_media), 415);
}

TEST(Problem, SaysWhatTheClientMayKnow) {
  Request request;
  request.request_id = "r-1";
  const Response response = make_problem(
      {ErrorCode::invalid_argument, "two \"fields\" are wrong\n", "SELECT secret", {{"bitrate", "is too high"}}},
      request);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(find_field(response.headers, "Content-Type"), "application/problem+json");
  const boost::json::value expected = {{"type", "/docs/errors#invalid_argument"},
                                       {"title", "Bad Request"},
                                       {"status", 400},
                                       {"code", "invalid_argument"},
                                       {"detail", "two \"fields\" are wrong\n"},
                                       {"fields", {{{"field", "bitrate"}, {"message", "is too high"}}}},
                                       {"requestId", "r-1"}};
  EXPECT_EQ(boost::json::parse(std::get<std::string>(response.body)), expected);
}

TEST(Problem, SaysWhenToComeBackAndHowToLogIn) {
  EXPECT_EQ(find_field(make_problem({ErrorCode::rate_limited, ""}, {}).headers, "Retry-After"), "5");
  EXPECT_EQ(find_field(make_problem({ErrorCode::unavailable, ""}, {}).headers, "Retry-After"), "5");
  EXPECT_EQ(find_field(make_problem({ErrorCode::unauthenticated, ""}, {}).headers, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(find_field(make_problem({ErrorCode::not_found, ""}, {}).headers, "Retry-After"), "");
}

}  // namespace
}  // namespace decant::http
