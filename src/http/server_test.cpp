#include "http/server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <mutex>

#include "http/testing_server.h"

namespace decant::http {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
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
  EXPECT_EQ(answer.field("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(answer.field("Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_THAT(answer.field("Date"), testing::MatchesRegex("[A-Z][a-z]{2}, .* GMT"));
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_THAT(answer.field("Server"), IsEmpty());
  EXPECT_THAT(answer.field("Content-Security-Policy"), IsEmpty());
}

TEST(Server, TellsOfEveryAnswerByItsRoute) {
  std::mutex mutex;
  std::vector<std::string> heard;
  auto options = TestingServer::quick_options();
  options.observe = [&](const Answered& answered) {
    const std::lock_guard lock(mutex);
    heard.push_back((answered.route == nullptr ? "none " : answered.route->pattern + " ") +
                    std::to_string(answered.status));
    EXPECT_GE(answered.took.count(), 0);
  };
  {
    TestingServer server(options);
    EXPECT_EQ(server.ask("GET", "/hello").status, 200);
    (void)server.ask("HEAD", "/hello");
    EXPECT_EQ(server.ask("GET", "/nowhere/evil%22").status, 404);
    EXPECT_EQ(server.connect().send("no request\r\n\r\n").read_answer()->status, 400);
  }
  EXPECT_THAT(heard, testing::ElementsAre("/hello 200", "/hello 200", "none 404", "none 400"));
}

// What each request gets: the caller's trace and a span of its own, or a new trace where the field is none.
TEST(Server, PlacesEveryRequestInATrace) {
  std::mutex mutex;
  std::vector<std::pair<TraceContext, std::string>> heard;
  auto options = TestingServer::quick_options();
  options.observe = [&](const Answered& answered) {
    const std::lock_guard lock(mutex);
    heard.emplace_back(answered.request.trace, answered.request.parent_span);
  };
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string field = "traceparent: 00-" + trace + "-00f067aa0ba902b7-0";
  {
    TestingServer server(options);
    RawClient client = server.connect();  // one connection's requests are heard in their order
    const std::string twice = field + "1\r\n" + field + "1\r\n";
    for (const std::string& fields : {field + "1\r\n", field + "0\r\n", "T" + field.substr(1) + "1\r\n", std::string(),
                                      twice, field + "1, " + field.substr(13) + "1\r\n", field + "1-more\r\n"}) {
      ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n").read_answer());
    }
    ASSERT_TRUE(client.send("no request\r\n\r\n").read_answer());
  }
  ASSERT_EQ(heard.size(), 8U);
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const auto& [context, parent] = heard[i];
    const bool is_continued = i < 3;
    EXPECT_EQ(TraceContext::parse(context.text()), context) << i;
    EXPECT_EQ(context.trace_id() == trace, is_continued) << i;
    EXPECT_EQ(parent, is_continued ? "00f067aa0ba902b7" : "") << i;
    EXPECT_NE(context.span_id(), "00f067aa0ba902b7") << i;
    EXPECT_EQ(context.is_sampled(), i != 1) << i;
  }
}

TEST(Server, GivesPagesAStrictPolicy) {
  TestingServer server;
  const Answer answer = server.ask("GET", "/page");
  EXPECT_EQ(answer.body, "<!doctype html>");
  EXPECT_THAT(answer.field("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_THAT(answer.field("Content-Security-Policy"), Not(HasSubstr("unsafe")));
}

TEST(Server, MakesRequestIdsWhereTheClientsAreNone) {
  TestingServer server;
  const std::string first = server.ask("GET", "/hello", "X-Request-Id: a b\r\n").field("X-Request-Id");
  const std::string second =
      server.ask("GET", "/hello", "X-Request-Id: " + std::string(65, 'a') + "\r\n").field("X-Request-Id");
  EXPECT_THAT(first, testing::MatchesRegex("[0-9a-f]{12}-[0-9a-f]+"));
  EXPECT_NE(first, second);
}

TEST(Server, KeepsConnectionsByTheRulesOfEachVersion) {
  TestingServer server;
  RawClient client = server.connect();
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.send(request("GET", "/hello")).read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->field("Connection"), "");
  }
  EXPECT_EQ(client.send(request("GET", "/hello", "Connection: Foo, CLOSE\r\n")).read_answer()->field("Connection"),
            "close");
  EXPECT_TRUE(client.is_closed_by_server());

  RawClient old = server.connect();
  EXPECT_EQ(old.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read_answer()->field("Connection"),
            "keep-alive");
  EXPECT_EQ(old.send("GET /hello HTTP/1.0\r\n\r\n").read_answer()->field("Connection"), "close");
  EXPECT_TRUE(old.is_closed_by_server());
}

TEST(Server, AnswersPipelinedRequestsInTurn) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("POST", "/echo", {}, "one") + request("GET", "/hello") +
              request("POST", "/echo", "Transfer-Encoding: chunked\r\n") +
              "4;ext=\"a\"\r\nfour\r\n1\r\n!\r\n0\r\nTrailer: x\r\n\r\n" + "\r\n" +
              request("POST", "/ignore", {}, "skipped") + request("HEAD", "/hello") + request("GET", "/empty"));
  EXPECT_EQ(client.read_answer()->body, "one");
  EXPECT_EQ(client.read_answer()->body, "{\"hello\":1}");
  EXPECT_EQ(client.read_answer()->body, "four!");
  EXPECT_EQ(client.read_answer()->body, "not read");
  EXPECT_EQ(client.read_answer_head()->field("Content-Length"), "11");
  const auto last = client.read_answer();
  EXPECT_EQ(last->status, 204);
  EXPECT_THAT(last->field("Content-Length"), IsEmpty());
}

TEST(Server, ReadsRequestsThatComeByteByByte) {
  TestingServer server;
  RawClient client = server.connect();
  for (const char byte : request("POST", "/echo", {}, "body") +
                             request("POST", "/echo", "Transfer-Encoding: chunked\r\n") +
                             "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") {
    client.send({&byte, 1});
  }
  EXPECT_EQ(client.read_answer()->body, "body");
  EXPECT_EQ(client.read_answer()->body, "abcde");
}

TEST(Server, AnswersAClientThatHasFinishedSending) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("POST", "/echo", {}, "body"));
  client.finish_sending();
  EXPECT_EQ(client.read_answer()->body, "body");
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Server, ReadsTargetsAndFields) {
  TestingServer server;
  const std::string text =
      server
          .ask("GET", "HTTP://other:80/describe/%c3%a9%20%2e%2e?q=a+b%26&empty&q=2",
               "X-List: a\r\nx-list: b\r\nCookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 1.2.3.4\r\n")
          .body;
  EXPECT_THAT(text, HasSubstr("/describe/é ..\n127.0.0.1\nhttp\n?empty=\n?q=a b&\n?q=2\n"));
  EXPECT_THAT(text, HasSubstr("X-List: a, b\n"));
  EXPECT_THAT(text, HasSubstr("Cookie: a=1; b=2\n"));
}

TEST(Server, BelievesTrustedProxies) {
  ServerOptions options = TestingServer::quick_options();
  options.trusted_proxies = {"127.0.0.0/8"};
  TestingServer server(options);
  EXPECT_THAT(
      server.ask("GET", "/describe/a", "X-Forwarded-For: 9.9.9.9, 1.2.3.4\r\nX-Forwarded-Proto: https\r\n").body,
      HasSubstr("\n1.2.3.4\nhttps\n"));
}

TEST(Server, RoutesByMethod) {
  TestingServer server;
  const Answer missing = server.ask("GET", "/nothing/here");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.field("Content-Type"), "application/problem+json");
  EXPECT_THAT(missing.body, HasSubstr("\"code\":\"not_found\""));
  EXPECT_THAT(missing.body, HasSubstr("\"requestId\":\"" + missing.field("X-Request-Id")));

  const Answer wrong = server.ask("DELETE", "/hello");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.field("Allow"), "GET, HEAD, OPTIONS");
  const Answer options = server.ask("OPTIONS", "/echo");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.field("Allow"), "OPTIONS, POST");
  EXPECT_EQ(server.ask("OPTIONS", "*").status, 204);
  EXPECT_EQ(server.ask("OPTIONS", "/nothing").status, 404);
  EXPECT_EQ(server.ask("BREW", "/hello").status, 501);
  EXPECT_EQ(server.ask("GET", "*").status, 404);
}

TEST(Server, AsksWhoItIsBeforeItReadsTheBody) {
  TestingServer server;
  const Answer refused = server.ask("POST", "/private", "Authorization: Bearer bad\r\n", "body");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.field("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(server.ask("POST", "/private", "Authorization: Bearer good\r\n", "!").body, "somebody!");
}

TEST(Server, SaysContinueOnlyWhenTheBodyIsWanted) {
  TestingServer server;
  const auto expecting = [](std::string_view target, std::string_view fields) {
    return request("POST", target, "Expect: 100-continue\r\n" + std::string(fields));
  };
  RawClient welcome = server.connect();
  welcome.send(expecting("/private", "Authorization: Bearer good\r\nContent-Length: 2\r\n"));
  EXPECT_EQ(welcome.read_answer()->status, 100);
  EXPECT_EQ(welcome.send("ok").read_answer()->body, "somebodyok");
  // One that did not wait needs no 100.
  EXPECT_EQ(welcome.send(expecting("/echo", "Content-Length: 2\r\n") + "ok").read_answer()->status, 200);

  const std::vector<std::pair<std::string, int>> refusals = {
      {expecting("/private", "Content-Length: 2\r\n"), 401},
      {expecting("/echo", "Content-Length: 1000001\r\n"), 413},
      {expecting("/nothing", "Content-Length: 2\r\n"), 404},
      {expecting("/ignore", "Content-Length: 2\r\n"), 200},
      {request("POST", "/echo", "Expect: 200-ok\r\nContent-Length: 2\r\n"), 417},
  };
  for (const auto& [text, status] : refusals) {
    RawClient client = server.connect();
    const auto answer = client.send(text).read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status) << text;
    EXPECT_EQ(answer->field("Connection"), "close") << text;
  }
}

TEST(Server, TurnsAnExceptionIntoAnAnswerAndGoesOn) {
  TestingServer server;
  RawClient client = server.connect();
  for (const char* path : {"/throw", "/split"}) {
    const auto answer = client.send(request("GET", path)).read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500);
    EXPECT_THAT(answer->body, HasSubstr("\"code\":\"internal\""));
    EXPECT_THAT(answer->body, Not(HasSubstr("secret")));
    EXPECT_THAT(answer->field("Set-Cookie"), IsEmpty());
  }
  EXPECT_EQ(client.send(request("GET", "/hello")).read_answer()->status, 200);
}

TEST(Server, SaysWhichOptionIsWrong) {
  BlockingPool pool(1, 1);
  Logger logger(LogLevel::error, LogFormat::text);
  const Router router;
  const auto start = [&](ServerOptions options) {
    Server server(std::move(options), router, nullptr, pool, logger);
    return server.start().error();
  };
  EXPECT_THAT(start({.address = "localhost"}).message, HasSubstr("localhost"));
  EXPECT_THAT(start({.port = 0, .threads = 0}).message, HasSubstr("threads"));
  EXPECT_THAT(start({.port = 0, .trusted_proxies = {"10.0.0.0/99"}}).message, HasSubstr("10.0.0.0/99"));
  EXPECT_EQ(start({.address = "192.0.2.1", .port = 0}).code, ErrorCode::invalid_argument);

  const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
  const Descriptor socket{taken};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(taken, 1), 0);
  ASSERT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_EQ(start({.port = ntohs(address.sin_port)}).code, ErrorCode::unavailable);
}

TEST(Server, SharesItsPortWithNoOtherServer) {
  TestingServer server;
  ServerOptions options = TestingServer::quick_options();
  options.port = server.server().port();
  const Router router;
  BlockingPool pool(1, 1);
  Logger logger(LogLevel::error, LogFormat::text);
  Server second(options, router, {}, pool, logger);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace decant::http
