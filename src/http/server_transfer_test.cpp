#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <thread>

#include "http/testing_server.h"

namespace decant::http {
namespace {

using std::chrono::milliseconds;

TEST(ServerTransfer, SendsObjectsBySendfileAndInPieces) {
  TestingServer server;
  RawClient client = server.connect();
  const std::string expected = server.file_content.substr(1, server.file_content.size() - 2);
  for (const char* path : {"/file", "/pieces"}) {
    const auto head = client.send(request("HEAD", path)).read_answer_head();
    EXPECT_EQ(head->field("Content-Length"), std::to_string(expected.size()));
    const auto answer = client.send(request("GET", path)).read_answer();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body == expected) << path;
  }
}

TEST(ServerTransfer, ServesOnWhenClientsGoInTheMiddle) {
  TestingServer server;
  for (int i = 0; i < 20; ++i) {
    for (const char* path : {"/file", "/pieces"}) {
      RawClient client = server.connect();
      client.send(request("GET", path));
      ASSERT_TRUE(client.read_bytes(100'000));
    }
    RawClient uploader = server.connect();
    uploader.send(request("POST", "/count", "Content-Length: 1000000\r\n") + std::string(50'000, 'a'));
  }
  EXPECT_EQ(server.ask("GET", "/hello").status, 200);
}

TEST(ServerTransfer, CutsAReaderThatStandsStill) {
  TestingServer server;
  RawClient client = server.connect();
  const int small = 65536;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  std::string requests;
  for (int i = 0; i < 8; ++i) requests += request("GET", "/file");
  client.send(requests);
  std::this_thread::sleep_for(milliseconds(800));
  std::size_t received = 0;
  while (auto piece = client.read_bytes(1000)) received += piece->size();
  EXPECT_LT(received, 8 * server.file_content.size());
}

TEST(ServerTransfer, WaitsForAReaderThatIsSlowButMoves) {
  TestingServer server;
  RawClient client = server.connect();
  const int small = 65536;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.send(request("GET", "/file") + request("GET", "/file"));
  for (int answers = 0; answers < 2; ++answers) {
    const auto head = client.read_answer_head();
    ASSERT_TRUE(head);
    std::size_t left = server.file_content.size() - 2;
    for (int pauses = 0; left > 0; ++pauses) {
      if (pauses < 8) std::this_thread::sleep_for(milliseconds(50));
      const std::size_t count = std::min<std::size_t>(left, pauses < 8 ? 20'000 : 500'000);
      ASSERT_TRUE(client.read_bytes(count)) << left;
      left -= count;
    }
  }
}

ByteCount resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  ByteCount size = 0;
  ByteCount resident = 0;
  statm >> size >> resident;
  return resident * 4096;
}

TEST(ServerTransfer, TakesManyUploadsAtOnceInLittleMemory) {
  constexpr int uploads = 64;
  constexpr std::size_t upload_size = 2'000'000;
  ServerOptions options = TestingServer::quick_options();
  options.body_pace = ServerOptions{}.body_pace;  // one thread here feeds them all
  TestingServer server(options);
  const std::string piece(100'000, 'a');
  std::vector<RawClient> clients;
  for (int i = 0; i < uploads; ++i) {
    clients.push_back(server.connect());
    const bool chunked = i % 2 == 0;
    clients.back().send(
        request("POST", "/count", chunked ? "Transfer-Encoding: chunked\r\n" : "Content-Length: 2000000\r\n"));
  }
  const ByteCount before = resident_bytes();
  ByteCount peak = before;
  for (std::size_t sent = 0; sent < upload_size; sent += piece.size()) {
    for (int i = 0; i < uploads; ++i) {
      if (i % 2 == 0) {
        clients[static_cast<std::size_t>(i)].send("186a0\r\n" + piece + "\r\n");
      } else {
        clients[static_cast<std::size_t>(i)].send(piece);
      }
    }
    peak = std::max(peak, resident_bytes());
  }
  for (int i = 0; i < uploads; ++i) {
    if (i % 2 == 0) clients[static_cast<std::size_t>(i)].send("0\r\n\r\n");
    EXPECT_EQ(clients[static_cast<std::size_t>(i)].read_answer()->body, std::to_string(upload_size));
  }
  // 64 KiB of the handler's each, and the head buffers; sanitizers keep freed memory and need more.
#ifdef DECANT_SANITIZED
  constexpr ByteCount most = 384 << 20;
#else
  constexpr ByteCount most = 12 << 20;
#endif
  EXPECT_LT(peak - before, most);
}

}  // namespace
}  // namespace decant::http
