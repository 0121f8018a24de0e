#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"

namespace decant::objects {

/// An HTTP/1.1 server on a loopback port that answers as a test tells it, also what no server should. One connection at
/// a time.
class TestingHttpServer {
 public:
  struct Asked {
    std::string method;
    std::string target;                         ///< path and query, as sent
    std::map<std::string, std::string> fields;  ///< names in lower case
    std::string body;
  };
  /// The bytes of the answer; empty: the connection is closed without one. On the server's thread.
  using Answer = std::function<std::string(const Asked&)>;

  explicit TestingHttpServer(Answer answer);
  ~TestingHttpServer();
  TestingHttpServer(const TestingHttpServer&) = delete;
  TestingHttpServer& operator=(const TestingHttpServer&) = delete;

  [[nodiscard]] std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// All that was asked so far.
  [[nodiscard]] std::vector<Asked> asked() const;

 private:
  void serve();
  void serve_connection(int fd);

  Answer answer_;
  Descriptor listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  std::atomic<bool> is_stopping_ = false;
  std::jthread thread_;
};

/// "HTTP/1.1 {status} x" with that body; `fields` are complete lines.
std::string http_answer(int status, std::string_view body = {}, std::string_view fields = {});

}  // namespace decant::objects
