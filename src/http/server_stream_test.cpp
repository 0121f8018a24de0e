#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "http/testing_server.h"

namespace decant::http {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

TEST(ServerStream, SendsChunksAsTheyCome) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("GET", "/notes"));
  const auto head = client.read_answer_head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(head->fields.count("content-length"), 0U);
  server.notes.wait_until_heard();
  server.notes.post("hello");
  EXPECT_EQ(client.read_bytes(10), "5\r\nhello\r\n");
  server.notes.post(std::string(300, 'a'));
  EXPECT_EQ(client.read_bytes(307), "12c\r\n" + std::string(300, 'a') + "\r\n");
  server.notes.post("");
  EXPECT_EQ(client.read_bytes(5), "0\r\n\r\n");
  server.notes.wait_until_left();
  EXPECT_EQ(client.send(request("GET", "/hello")).read_answer()->status, 200) << "the connection goes on";
}

TEST(ServerStream, HasNoChunksForHttp10) {
  TestingServer server;
  RawClient client = server.connect();
  client.send("GET /notes HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto head = client.read_answer_head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->fields.count("transfer-encoding"), 0U);
  EXPECT_EQ(head->field("Connection"), "close");
  server.notes.post("hello");
  server.notes.post("");
  EXPECT_EQ(client.read_to_end(), "hello");
}

TEST(ServerStream, HeadHasNoBody) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("HEAD", "/notes"));
  EXPECT_EQ(client.read_answer_head()->status, 200);
  server.notes.post("unheard");
  EXPECT_EQ(client.send(request("GET", "/hello")).read_answer()->status, 200);
}

TEST(ServerStream, AFaultAmidItCutsTheConnection) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("GET", "/notes"));
  ASSERT_TRUE(client.read_answer_head());
  server.notes.post("!");
  EXPECT_TRUE(client.is_closed_by_server()) << "no last chunk";
}

TEST(ServerStream, SeesAtOnceThatTheClientHasGone) {
  TestingServer server;
  std::optional<RawClient> client = server.connect();
  client->send(request("GET", "/notes"));
  ASSERT_TRUE(client->read_answer_head());
  server.notes.wait_until_heard();
  const auto start = Clock::now();
  client.reset();
  server.notes.wait_until_left();
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
}

TEST(ServerStream, AClientThatTalksIntoItIsCut) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("GET", "/notes"));
  ASSERT_TRUE(client.read_answer_head());
  server.notes.wait_until_heard();
  client.send(request("GET", "/hello"));
  server.notes.wait_until_left();
}

TEST(ServerStream, EndsWholeWhenTheServerDrains) {
  TestingServer server;
  RawClient client = server.connect();
  client.send(request("GET", "/notes"));
  ASSERT_TRUE(client.read_answer_head());
  server.notes.wait_until_heard();
  const auto start = Clock::now();
  server.server().stop(std::chrono::seconds(20));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(5));
  EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
}

TEST(ServerStream, CutsAReaderThatStandsStill) {
  TestingServer server;
  RawClient client = server.connect();
  const int small = 4096;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.send(request("GET", "/notes"));
  ASSERT_TRUE(client.read_answer_head());
  server.notes.wait_until_heard();
  for (int i = 0; i < 64; ++i) server.notes.post(std::string(1'000'000, 'a'));
  server.notes.wait_until_left();
}

}  // namespace
}  // namespace decant::http
