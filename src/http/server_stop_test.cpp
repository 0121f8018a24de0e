#include <gtest/gtest.h>

#include <thread>

#include "http/testing_server.h"

namespace decant::http {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

ServerOptions patient_options() {
  ServerOptions options = TestingServer::quick_options();
  options.header_timeout = options.idle_timeout = std::chrono::seconds(30);
  return options;
}

TEST(ServerStop, ClosesIdleConnectionsAtOnce) {
  TestingServer server(patient_options());
  RawClient fresh = server.connect();
  RawClient used = server.connect();
  used.send(request("GET", "/hello")).read_answer();
  const auto start = Clock::now();
  server.server().stop(std::chrono::seconds(10));
  EXPECT_LT(Clock::now() - start, milliseconds(500));
  EXPECT_TRUE(fresh.is_closed_by_server());
  EXPECT_TRUE(used.is_closed_by_server());
  EXPECT_FALSE(server.connect().try_send("GET"));
}

TEST(ServerStop, LetsRunningRequestsFinish) {
  TestingServer server(patient_options());
  RawClient client = server.connect();
  client.send(request("GET", "/wait"));
  server.gate.wait_for_arrival();
  std::thread opener([&] {
    std::this_thread::sleep_for(milliseconds(50));
    server.gate.open();
  });
  std::optional<Answer> answer;
  std::thread reader([&] {
    answer = client.read_answer();
    client = server.connect();  // a client that has its answer goes
  });
  server.server().stop(std::chrono::seconds(10));
  opener.join();
  reader.join();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "waited");
  EXPECT_EQ(answer->field("Connection"), "close");
}

TEST(ServerStop, CutsWhatOutlastsTheBudget) {
  TestingServer server(patient_options());
  RawClient waiting = server.connect();
  waiting.send(request("GET", "/wait"));
  server.gate.wait_for_arrival();
  RawClient uploading = server.connect();
  uploading.send(request("POST", "/echo", "Content-Length: 100\r\n") + "a");
  const auto start = Clock::now();
  server.server().stop(milliseconds(100));
  EXPECT_GE(Clock::now() - start, milliseconds(100));
  EXPECT_LT(Clock::now() - start, milliseconds(600));
  EXPECT_TRUE(waiting.is_closed_by_server());
  EXPECT_TRUE(uploading.is_closed_by_server());
  server.server().stop(milliseconds(0));
}

TEST(ServerStop, RefusesConnectionsButServesOpenOnesAfterStopAccepting) {
  TestingServer server(patient_options());
  RawClient open = server.connect();
  open.send(request("GET", "/hello")).read_answer();
  server.server().stop_accepting();
  bool refused = false;
  for (int tries = 0; tries < 100 && !refused; ++tries) {
    refused = !server.connect().try_send("x");
    if (!refused) std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(open.send(request("GET", "/hello")).read_answer()->status, 200);
}

}  // namespace
}  // namespace decant::http
