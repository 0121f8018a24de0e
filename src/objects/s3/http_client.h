#pragma once

#include <chrono>
#include <condition_variable>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "objects/s3/http_message.h"

namespace decant::objects {

struct HttpClientOptions {
  int connections = 64;  ///< requests at once; more wait, connect_timeout at the longest
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds stall_timeout = std::chrono::seconds(30);   ///< with less than 1 KiB/s in or out
  std::chrono::milliseconds request_timeout = std::chrono::minutes(2);  ///< of one try in all
  std::string ca_file;  ///< PEM with the certificates of who may sign the server's; empty: the system's
};

/// No answer came.
struct TransportFailure {
  Error error;             ///< unavailable
  bool was_sent = false;   ///< the server may have got the request, and carried it out
  bool is_silent = false;  ///< and it let stall_timeout or request_timeout pass
};

/// HTTP/1.1 on pooled connections. TLS certificates are verified, redirects are not followed, proxies are not used, and
/// no request is repeated. Blocks; thread-safe.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Whatever the server answers, errors included.
  std::expected<HttpResponse, TransportFailure> perform(const HttpRequest& request);

 private:
  struct Handle;  ///< a connection that is kept open between requests

  std::unique_ptr<Handle> take_handle();
  void give_back(std::unique_ptr<Handle> handle);

  HttpClientOptions options_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Handle>> idle_;
  int in_use_ = 0;
};

}  // namespace decant::objects
