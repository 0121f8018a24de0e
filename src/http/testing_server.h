#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/file.h"
#include "http/server.h"

namespace decant::http {

/// Holds threads until it is opened.
class Gate {
 public:
  void open();
  void pass();
  void wait_for_arrival();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  int arrived_ = 0;
};

struct Answer {
  int status = 0;
  std::multimap<std::string, std::string> fields;  ///< names in lower case
  std::string body;

  [[nodiscard]] std::string field(const std::string& name) const;
};

/// A client without manners: it sends and reads bytes as it is told. Waits at most five seconds for anything.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);

  RawClient& send(std::string_view bytes);
  /// False when the server has closed.
  bool try_send(std::string_view bytes);
  void finish_sending();
  /// The next response; nothing when the server closes before it is complete.
  std::optional<Answer> read_answer();
  /// The next response to a HEAD request, or one that announces a body that is to be read raw.
  std::optional<Answer> read_answer_head();
  /// All bytes until the server closes; nothing when it does not within five seconds.
  std::optional<std::string> read_to_end();
  std::optional<std::string> read_bytes(std::size_t count);
  bool is_closed_by_server();
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  bool fill();

  Descriptor socket_;
  std::string buffer_;
};

/// "GET /hello HTTP/1.1\r\nHost: test\r\n…\r\n"; `fields` are complete lines.
std::string request(std::string_view method, std::string_view target, std::string_view fields = {},
                    std::string_view body = {});

/// What GET /notes sends, note by note, while it is there.
class Notes {
 public:
  /// An empty one ends the stream, "!" is a fault amid it.
  void post(std::string note);
  /// Blocks until a client listens, or none does any more.
  void wait_until_heard();
  void wait_until_left();

 private:
  friend class NotesStream;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> notes_;
  std::function<void()> wake_;  ///< of the one that listens
};

/// A real server on a loopback port. Routes: see the source.
class TestingServer {
 public:
  explicit TestingServer(ServerOptions options = quick_options());
  ~TestingServer();

  /// Short timeouts and two threads.
  static ServerOptions quick_options();

  [[nodiscard]] RawClient connect() const { return RawClient(server_->port()); }
  /// One request, one answer, with Connection: close.
  [[nodiscard]] Answer ask(std::string_view method, std::string_view target, std::string_view fields = {},
                           std::string_view body = {}) const;
  [[nodiscard]] Server& server() { return *server_; }

  Gate gate;  ///< holds GET /wait
  Notes notes;
  std::string file_content;  ///< of GET /file and GET /pieces

 private:
  void add_routes();

  Logger logger_{LogLevel::error, LogFormat::text};
  BlockingPool pool_{4, 256};
  Router router_;
  Descriptor file_;
  std::unique_ptr<Server> server_;
};

}  // namespace decant::http
