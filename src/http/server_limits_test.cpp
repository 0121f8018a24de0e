#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "http/testing_server.h"

namespace decant::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(ServerLimits, RefusesWhatTwoReadersCouldReadDifferently) {
  TestingServer server;
  const std::string post = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  const std::string get = "GET /hello HTTP/1.1\r\nHost: a\r\n";
  const std::vector<std::pair<std::string, int>> refusals = {
      {post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: identity\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501},
      {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: \x0b"
              "chunked\r\n\r\n0\r\n\r\n",
       400},
      {post + " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},  // folded into the line before: no Host
      {post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {post + "Content-Length: 4\r\ncontent-length: 5\r\n\r\nabcd", 400},
      {post + "Content-Length: 4, 4\r\n\r\nabcd", 400},
      {post + "Content-Length: +4\r\n\r\nabcd", 400},
      {post + "Content-Length: -4\r\n\r\nabcd", 400},
      {post + "Content-Length: 0x4\r\n\r\nabcd", 400},
      {post + "Content-Length: 4 4\r\n\r\nabcd", 400},
      {post + "Content-Length:\r\n\r\nabcd", 400},
      {post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {post + "Content-Length: 9223372036854775808\r\n\r\n", 400},
      {"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n4\nabcd\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n4\r\nabcdef\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff0\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n1;a=\"\n\"\r\na\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(8000, 'a'), 400},
      {post + "Transfer-Encoding: chunked\r\n\r\n0\r\nA: " + std::string(8000, 'a'), 400},
      {"GET /hello HTTP/1.1\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {get + "Host: b\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {get + "Bad Name: x\r\n\r\n", 400},
      {get + ": x\r\n\r\n", 400},
      {get + "NoColon\r\n\r\n", 400},
      {get + "X: a\nY: b\r\n\r\n", 400},
      {get + "X: a\rY: b\r\n\r\n", 400},
      {get + std::string("X: a\0b\r\n\r\n", 10), 400},
      {"GET /hello HTTP/1.1\nHost: a\n\n", 400},
      {"GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hel lo HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello\r\n\r\n", 400},
      {"GET /hello HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"GET /hello HTTX/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET ftp://a/hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http:///hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://user@a/hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"GET /hello%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello%0a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello%2 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /describe/a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello?a=%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /hello#a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},  // TLS
      {"{\"json\":1}\r\n\r\n", 400},
  };
  for (const auto& [text, status] : refusals) {
    RawClient client = server.connect();
    // Whatever is hidden behind it must not be served.
    const auto answer = client.send(text + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").read_answer();
    ASSERT_TRUE(answer) << text;
    EXPECT_EQ(answer->status, status) << text;
    EXPECT_EQ(answer->field("Content-Type"), "application/problem+json") << text;
    client.finish_sending();
    EXPECT_EQ(client.read_to_end(), "") << text;
  }
}

TEST(ServerLimits, MapsNoPathToAnother) {
  TestingServer server;
  for (const char* path : {"/describe/../hello", "/./hello", "//hello", "/hello/", "/describe/%2e%2e/hello", "/hello\\",
                           "/HELLO", "/hello%20", "/hello;a=b"}) {
    EXPECT_EQ(server.ask("GET", path).status, 404) << path;
  }
}

TEST(ServerLimits, BoundsHeads) {
  TestingServer server;
  EXPECT_EQ(server.ask("GET", "/describe/a?" + std::string(1000, 'a')).status, 200);
  EXPECT_EQ(server.ask("GET", "/describe/a?" + std::string(1030, 'a')).status, 414);
  EXPECT_EQ(server.ask("GET", "/describe/a?" + std::string(100'000, 'a')).status, 414);
  EXPECT_EQ(server.ask("GET", "/hello", "X: " + std::string(3900, 'a') + "\r\n").status, 200);
  EXPECT_EQ(server.ask("GET", "/hello", "X: " + std::string(4200, 'a') + "\r\n").status, 431);
  EXPECT_EQ(server.ask("GET", "/hello", "X: " + std::string(1'000'000, 'a') + "\r\n").status, 431);
  std::string many;
  for (int i = 0; i < 18; ++i) many += "X" + std::to_string(i) + ": a\r\n";
  EXPECT_EQ(server.ask("GET", "/hello", many).status, 200);
  EXPECT_EQ(server.ask("GET", "/hello", many + "Y: a\r\n").status, 431);
}

TEST(ServerLimits, RefusesLargeBodiesBeforeTheyCome) {
  TestingServer server;
  RawClient client = server.connect();
  const auto answer = client.send(request("POST", "/echo", "Content-Length: 1000001\r\n")).read_answer();
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->field("Connection"), "close");
  EXPECT_EQ(server.ask("GET", "/hello", {}, "a body where none belongs").status, 413);
}

TEST(ServerLimits, LetsAClientReadTheRefusalOfWhatItStillSends) {
  ServerOptions options = TestingServer::quick_options();
  options.linger_timeout = ServerOptions{}.linger_timeout;
  TestingServer server(options);
  // Sends all before it reads, as simple clients do: a reset would cost them the answer.
  const Answer answer = server.ask("POST", "/echo", {}, std::string(20'000'000, 'a'));
  EXPECT_EQ(answer.status, 413);
  EXPECT_THAT(answer.body, HasSubstr("1000000 bytes"));
  EXPECT_EQ(server.ask("POST", "/ignore", {}, std::string(900'000, 'a')).status, 200);
}

TEST(ServerLimits, RefusesLargeChunkedBodiesOnTheWay) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n"));
  const std::string chunk = "fffff\r\n" + std::string(0xfffff, 'a') + "\r\n";
  client.send(chunk + "0\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 413);
}

TEST(ServerLimits, CutsSlowHeads) {
  TestingServer server;
  RawClient client = server.connect();
  client.send("GET /hello HTTP/1.1\r\nHost: ");
  for (int i = 0; i < 10; ++i) {  // each byte in time, the head as a whole not
    std::this_thread::sleep_for(milliseconds(30));
    if (!client.try_send("a")) break;
  }
  EXPECT_EQ(client.read_answer()->status, 408);
  EXPECT_TRUE(client.is_closed_by_server());

  RawClient silent = server.connect();
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST(ServerLimits, CutsSlowBodiesButNotSteadyOnes) {
  TestingServer server;
  RawClient slow = server.connect();
  slow.send(request("POST", "/echo", "Content-Length: 5000\r\n"));
  for (int i = 0; i < 12; ++i) {
    std::this_thread::sleep_for(milliseconds(30));
    if (!slow.try_send("a")) break;
  }
  EXPECT_EQ(slow.read_answer()->status, 408);

  RawClient steady = server.connect();
  steady.send(request("POST", "/echo", "Content-Length: 5000\r\n"));
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(milliseconds(40));
    steady.send(std::string(500, 'a'));
  }
  EXPECT_EQ(steady.read_answer()->body.size(), 5000);
}

TEST(ServerLimits, ClosesIdleConnectionsWithoutAWord) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("GET", "/hello")).read_answer();
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(ServerLimits, SaysThatABodyBrokeOff) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("POST", "/echo", "Content-Length: 50\r\n") + "abc");
  client.finish_sending();
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(answer->body, HasSubstr("broke off"));
}

TEST(ServerLimits, TurnsConnectionsAwayBeyondTheLimitAndTakesThemAgain) {
  for (const bool by_address : {false, true}) {
    ServerOptions options = TestingServer::quick_options();
    (by_address ? options.max_connections_per_address : options.max_connections) = 2;
    options.header_timeout = options.idle_timeout = std::chrono::seconds(5);
    TestingServer server(options);
    RawClient first = server.connect();
    ASSERT_EQ(first.send(request("GET", "/hello")).read_answer()->status, 200);
    {
      RawClient second = server.connect();
      ASSERT_EQ(second.send(request("GET", "/hello")).read_answer()->status, 200);
      RawClient third = server.connect();
      const auto answer = third.send(request("GET", "/hello")).read_answer();
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, 503);
      EXPECT_EQ(answer->field("Retry-After"), "5");
      EXPECT_TRUE(third.is_closed_by_server());
    }
    EXPECT_EQ(first.send(request("GET", "/hello")).read_answer()->status, 200);
    int status = 503;
    for (int tries = 0; tries < 100 && status == 503; ++tries) {
      std::this_thread::sleep_for(milliseconds(5));  // until the server sees the others gone
      status = server.ask("GET", "/hello").status;
    }
    EXPECT_EQ(status, 200);
  }
}

TEST(ServerLimits, OutlivesGarbage) {
  TestingServer server;
  std::uint32_t state = 1;
  for (int i = 0; i < 200; ++i) {
    RawClient client = server.connect();
    std::string garbage;
    for (int k = 0; k < 300; ++k) garbage += static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    client.try_send(i % 2 == 0 ? garbage : request("POST", "/echo", "Transfer-Encoding: chunked\r\n") + garbage);
  }
  EXPECT_EQ(server.ask("GET", "/hello").status, 200);
}

}  // namespace
}  // namespace decant::http
