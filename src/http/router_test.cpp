#include "http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "http/method.h"

namespace decant::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Route route(Method method, std::string pattern) {
  return {.method = method, .pattern = std::move(pattern), .handler = [](Request&) -> Awaitable<Response> {
            co_return Response{};
          }};
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.add(route(Method::get, "/"));
    router_.add(route(Method::get, "/api/tasks"));
    router_.add(route(Method::post, "/api/tasks"));
    router_.add(route(Method::get, "/api/tasks/{id}"));
    router_.add(route(Method::remove, "/api/tasks/{id}"));
    router_.add(route(Method::get, "/api/tasks/{id}/waveform"));
    router_.add(route(Method::get, "/api/tasks/recent"));
  }

  std::string pattern_of(Method method, const std::string& path) const {
    const Router::Match match = router_.find(method, path);
    return match.route == nullptr ? "" : match.route->pattern;
  }

  Router router_;
};

TEST_F(RouterTest, FindsRoutesAndTheirParameters) {
  EXPECT_EQ(pattern_of(Method::get, "/"), "/");
  EXPECT_EQ(pattern_of(Method::get, "/api/tasks/7/waveform"), "/api/tasks/{id}/waveform");
  EXPECT_THAT(router_.find(Method::get, "/api/tasks/a b").parameters, ElementsAre(Pair("id", "a b")));
}

TEST_F(RouterTest, PrefersALiteralSegment) {
  EXPECT_EQ(pattern_of(Method::get, "/api/tasks/recent"), "/api/tasks/recent");
}

TEST_F(RouterTest, ServesHeadByGetUnlessThereIsARouteForIt) {
  EXPECT_EQ(pattern_of(Method::head, "/api/tasks"), "/api/tasks");
  router_.add(route(Method::head, "/api/tasks"));
  EXPECT_EQ(router_.find(Method::head, "/api/tasks").route->method, Method::head);
}

TEST_F(RouterTest, KnowsNothingOfOtherPaths) {
  for (const char* path : {"/api", "/api/tasks/", "//api/tasks", "/api//tasks", "/api/tasks/7/", "/api/tasks/7/other",
                           "/API/tasks", "/api/tasks/../tasks", "/api/./tasks", ""}) {
    const Router::Match match = router_.find(Method::get, path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_THAT(match.allowed, IsEmpty()) << path;
  }
}

TEST_F(RouterTest, TellsTheAllowedMethods) {
  const Router::Match match = router_.find(Method::put, "/api/tasks/7");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_THAT(match.allowed, ElementsAre("DELETE", "GET", "HEAD", "OPTIONS"));
}

TEST_F(RouterTest, RefusesASecondRouteOfTheSameShape) {
  EXPECT_THROW(router_.add(route(Method::get, "/api/tasks/{other}")), std::logic_error);
  EXPECT_NO_THROW(router_.add(route(Method::put, "/api/tasks/{other}")));
}

TEST(Method, ReadsAndWritesNamesExactly) {
  EXPECT_EQ(find_method("DELETE"), Method::remove);
  EXPECT_EQ(to_string(Method::remove), "DELETE");
  EXPECT_EQ(find_method("get"), std::nullopt);
  EXPECT_EQ(find_method("CONNECT"), std::nullopt);
}

}  // namespace
}  // namespace decant::http
