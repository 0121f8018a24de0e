#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/api_fixture.h"

namespace decant::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string sign_up_form(std::string_view user, std::string_view email, std::string_view first,
                         std::string_view second) {
  return boost::json::serialize(
      boost::json::object{{"user", user}, {"email", email}, {"password1", first}, {"password2", second}});
}

const std::string ada = sign_up_form("ada", "ada@example.org", "password", "password");

TEST(SignUpCall, MakesAnAccountOnceAndSaysWhatIsTaken) {
  TestingApi api;
  const Answer made = api.ask_json("POST", "/api/auth/signup", ada);
  EXPECT_EQ(made.status, 201);
  EXPECT_THAT(made.body, Not(HasSubstr("argon2")));
  const Answer again = api.ask_json("POST", "/api/auth/signup", ada);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(json_of(again).at("code").as_string(), "conflict");
  EXPECT_THAT(wrong_fields_of(again), ::testing::UnorderedElementsAre("user", "email"));
}

TEST(SignUpCall, NamesEachBadField) {
  TestingApi api;
  const auto refused = [&](std::string_view form) {
    const Answer answer = api.ask_json("POST", "/api/auth/signup", form);
    EXPECT_EQ(answer.status, 400) << form;
    return wrong_fields_of(answer);
  };
  EXPECT_THAT(refused("{}"), ElementsAre("user", "email", "password1", "password2"));
  EXPECT_THAT(refused(R"({"user":1,"email":[],"password1":null,"password2":{}})"),
              ElementsAre("user", "email", "password1", "password2"));
  EXPECT_THAT(refused(sign_up_form("", "@", "", "")), ElementsAre("user", "email", "password1"));
  EXPECT_THAT(refused(sign_up_form("ada", "ada@example.org", "password", "passwort")), ElementsAre("password2"));
  const std::string too_long(257, 'x');
  EXPECT_THAT(refused(sign_up_form("ada", "ada@example.org", too_long, too_long)), ElementsAre("password1"));
}

TEST(SignUpCall, CanBeClosed) {
  ApiOptions options = TestingApi::quick_options();
  options.sign_ups = SignUps::closed;
  TestingApi api(options);
  EXPECT_EQ(api.ask_json("POST", "/api/auth/signup", ada).status, 403);
}

TEST(JsonBodies, AreBoundedAndCheckedBeforeAnythingElse) {
  TestingApi api;
  const auto status = [&](std::string_view body) { return api.ask_json("POST", "/api/auth/login", body).status; };
  EXPECT_EQ(status("{\"email\":"), 400);
  EXPECT_EQ(status("[]"), 400);
  EXPECT_EQ(status("null"), 400);
  EXPECT_EQ(status("{\"email\":\"\xff\",\"password\":\"x\"}"), 400);
  EXPECT_EQ(status("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"), 400) << "too deep";
  EXPECT_EQ(status(""), 400);
  EXPECT_EQ(status("{\"email\":\"" + std::string(70'000, 'x') + "\"}"), 413);
  EXPECT_EQ(api.ask("POST", "/api/auth/login", "Content-Type: text/plain\r\n", "{}").status, 415)
      << "what a form of another origin can send";
  const Answer chunked = api.ask("POST", "/api/auth/login",
                                 "Content-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
                                 "\r\n2\r\n{}\r\n0\r\n");
  EXPECT_THAT(wrong_fields_of(chunked), ElementsAre("email", "password"));
}

TEST(LogInCall, GivesATokenAndCookies) {
  TestingApi api;
  api.sign_up("ada");
  const Answer answer = api.log_in("ada");
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Cache-Control"), "no-store");
  EXPECT_EQ(json_of(answer).at("expiresIn").as_int64(), 900);
  EXPECT_EQ(answer.fields.count("set-cookie"), 2U);
  const auto [begin, end] = answer.fields.equal_range("set-cookie");
  for (auto field = begin; field != end; ++field) {
    EXPECT_THAT(field->second, HasSubstr("; HttpOnly; SameSite=Strict"));
    EXPECT_THAT(field->second, Not(HasSubstr("Secure"))) << "it came by http";
    EXPECT_THAT(field->second,
                HasSubstr(field->second.starts_with("decant_refresh=") ? "Path=/api/auth;" : "Path=/api/download;"));
  }
}

TEST(LogInCall, MarksCookiesSecureBehindHttps) {
  TestingApi api;
  api.sign_up("ada");
  const Answer answer = api.ask_json("POST", "/api/auth/login", R"({"email":"ada@example.org","password":"password"})",
                                     "X-Forwarded-Proto: https\r\n");
  const auto [begin, end] = answer.fields.equal_range("set-cookie");
  for (auto field = begin; field != end; ++field) EXPECT_THAT(field->second, HasSubstr("; Secure"));
}

TEST(LogInCall, EveryRefusalLooksTheSame) {
  TestingApi api;
  api.sign_up("ada");
  api.sign_up("bob");
  ASSERT_TRUE(api.database.disable_user(api.id_of("bob")));
  const auto body = [](const Answer& answer) {
    EXPECT_EQ(answer.status, 401);
    auto problem = json_of(answer).as_object();
    problem.erase("requestId");
    return boost::json::serialize(problem);
  };
  const std::string wrong = body(api.log_in("ada", "passwort"));
  EXPECT_EQ(body(api.log_in("nobody")), wrong);
  EXPECT_EQ(body(api.log_in("bob")), wrong);
}

TEST(LogInCall, FailedTriesAreThrottledForTheAccountWhateverTheAddress) {
  ApiOptions options = TestingApi::quick_options();
  options.log_ins_per_account = {.burst = 3, .interval = seconds(10)};
  TestingApi api(options);
  api.sign_up("ada");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(api.log_in("ada").status, 200) << "good ones cost nothing";
  const auto try_from = [&](int host) {
    return api.ask_json("POST", "/api/auth/login", R"({"email":" ADA@example.org","password":"guess"})",
                        "X-Forwarded-For: 192.0.2." + std::to_string(host) + "\r\n");
  };
  for (int host = 1; host <= 3; ++host) EXPECT_EQ(try_from(host).status, 401);
  const Answer refused = try_from(4);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.field("Retry-After"), "10");
  EXPECT_EQ(refused.fields.count("retry-after"), 1U);
  EXPECT_EQ(api.log_in("ada").status, 429) << "also with the right password";
  api.clock.advance(seconds(10));
  EXPECT_EQ(api.log_in("ada").status, 200);
}

TEST(LogInCall, FailedTriesAreThrottledForTheAddressWhateverTheAccount) {
  ApiOptions options = TestingApi::quick_options();
  options.log_ins_per_address = {.burst = 3, .interval = seconds(10)};
  TestingApi api(options);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(api.log_in("user" + std::to_string(i)).status, 401);
  EXPECT_EQ(api.log_in("user4").status, 429);
  EXPECT_EQ(api.ask_json("POST", "/api/auth/login", R"({"email":"user4@example.org","password":"guess"})",
                         "X-Forwarded-For: 192.0.2.1\r\n")
                .status,
            401);
}

TEST(SignUpCall, IsThrottledForTheAddress) {
  ApiOptions options = TestingApi::quick_options();
  options.sign_ups_per_address = {.burst = 2, .interval = seconds(30)};
  TestingApi api(options);
  api.sign_up("ada");
  api.sign_up("bob");
  const Answer refused =
      api.ask_json("POST", "/api/auth/signup", sign_up_form("eve", "eve@example.org", "password", "password"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.field("Retry-After"), "30");
}

TEST(Authentication, TakesABearerOnly) {
  TestingApi api;
  const std::string bearer = api.bearer();
  EXPECT_EQ(api.ask("GET", "/api/tasks", bearer).status, 200);
  const Answer none = api.ask("GET", "/api/tasks");
  EXPECT_EQ(none.status, 401) << "the peer answered 500";
  EXPECT_EQ(none.field("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(none.field("Content-Type"), "application/problem+json");
  for (const std::string_view fields : {"Authorization: Bearer\r\n", "Authorization: Bearer x\r\n",
                                        "Authorization: Basic YTpi\r\n", "Authorization: Bearer a.b.c\r\n"}) {
    EXPECT_EQ(api.ask("GET", "/api/tasks", fields).status, 401) << fields;
  }
  const std::string token = bearer.substr(22, bearer.size() - 24);
  EXPECT_EQ(api.ask("GET", "/api/tasks", "Authorization: bearer   " + token + "\r\n").status, 200);
  EXPECT_EQ(api.ask("GET", "/api/tasks?token=" + token).status, 401);
}

TEST(Authentication, EndsWithTheTokensTime) {
  TestingApi api;
  const std::string bearer = api.bearer();
  api.clock.advance(std::chrono::minutes(15));
  const Answer late = api.ask("GET", "/api/tasks", bearer);
  EXPECT_EQ(late.status, 401);
  EXPECT_THAT(late.body, HasSubstr("expired"));
}

TEST(Authentication, ADisabledUserIsOutWithinTheLifetimeOfTheCache) {
  TestingApi api;
  const std::string bearer = api.bearer();
  EXPECT_EQ(api.ask("GET", "/api/tasks", bearer).status, 200);
  ASSERT_TRUE(api.database.disable_user(api.id_of("ada")));
  EXPECT_EQ(api.ask("GET", "/api/tasks", bearer).status, 200);
  api.clock.advance(milliseconds(3000));
  EXPECT_EQ(api.ask("GET", "/api/tasks", bearer).status, 401);
}

TEST(Authentication, ANewPasswordEndsOldTokens) {
  TestingApi api;
  const std::string bearer = api.bearer();
  ASSERT_TRUE(api.database.set_password(api.id_of("ada"), "another hash"));
  EXPECT_EQ(api.ask("GET", "/api/tasks", bearer).status, 401);
}

TEST(RefreshCall, ChangesTheCookieForANewTokenAndNothingElse) {
  TestingApi api;
  api.sign_up("ada");
  const Answer login = api.log_in("ada");
  const std::string refresh = cookie_of(login, "decant_refresh").value();
  const std::string download = cookie_of(login, "decant_download").value();
  const std::string access(json_of(login).at("token").as_string());
  const auto refresh_with = [&](const std::string& token) {
    return api.ask("POST", "/api/auth/refresh", "Cookie: a=b; decant_refresh=" + token + "\r\n");
  };
  api.clock.advance(std::chrono::minutes(20));
  const Answer refreshed = refresh_with(refresh);
  ASSERT_EQ(refreshed.status, 200);
  EXPECT_TRUE(cookie_of(refreshed, "decant_refresh"));
  const std::string token(json_of(refreshed).at("token").as_string());
  EXPECT_EQ(api.ask("GET", "/api/tasks", "Authorization: Bearer " + token + "\r\n").status, 200);

  EXPECT_EQ(refresh_with(access).status, 401);
  EXPECT_EQ(refresh_with(download).status, 401);
  EXPECT_EQ(refresh_with("").status, 401);
  EXPECT_EQ(api.ask("POST", "/api/auth/refresh").status, 401);
  EXPECT_EQ(api.ask("GET", "/api/tasks", "Authorization: Bearer " + refresh + "\r\n").status, 401);
  EXPECT_EQ(api.ask("GET", "/api/tasks", "Cookie: decant_refresh=" + refresh + "\r\n").status, 401);
}

TEST(LogOutCall, MakesTheBrowserForget) {
  TestingApi api;
  const Answer answer = api.ask("POST", "/api/auth/logout");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(cookie_of(answer, "decant_refresh"), "");
  EXPECT_EQ(cookie_of(answer, "decant_download"), "");
  EXPECT_THAT(answer.field("Set-Cookie"), HasSubstr("Max-Age=0"));
}

}  // namespace
}  // namespace decant::http
