#include "http/server.h"

#include <gtest/gtest.h>

#include "http/testing_server.h"

namespace decant::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Server, AnswersWithWhatEveryAnswerHas) {
  TestingServer server;
  const Answer answer = server.ask("GET", "/hello", "X-Request-Id: my-id_1.a\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"hello\":1}");
  EXPECT_EQ(answer.field("Content-Type"), "application/json");
  EXPECT_EQ(answer.field("Content-Length"), "11");
  EXPECT_EQ(answer.field("X-Request-Id"), "my-id_1.a");
  EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.field("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(answer.field("Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_THAT(answer.field("Date"), testing::EndsWith(" GMT"));
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_EQ(answer.field("Server"), "");
  EXPECT_EQ(answer.field("Content-Security-Policy"), "");
}

TEST(Server, GivesPagesAStrictPolicy) {
  TestingServer server;
  const Answer answer = server.ask("GET", "/page");
  EXPECT_EQ(answer.body, "<!doctype html>");
  EXPECT_THAT(answer.field("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(answer.field("Content-Security-Policy"), Not(HasSubstr("unsafe")));
}

}  // namespace
}  // namespace decant::http
