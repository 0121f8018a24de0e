#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "base/trace_context.h"
#include "tasks/object_store.h"
#include "tasks/user_store.h"

namespace decant::http {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

enum class Method { get, head, post, put, patch, remove, options };

/// The body of a request as it arrives. Nothing of it is buffered beyond the caller's span.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// From Content-Length; nothing for a chunked body.
  [[nodiscard]] virtual std::optional<ByteCount> length() const = 0;
  /// Some bytes; 0 at the end. too_large past the route's body limit, timed_out when the client is too slow,
  /// invalid_argument when it breaks off or its framing is wrong.
  virtual Awaitable<Result<std::size_t>> read_some(std::span<std::byte> buffer) = 0;
};

struct Request {
  Method method = Method::get;
  std::string path;  ///< percent-decoded, "/" first; NUL and invalid escapes were refused with 400
  std::multimap<std::string, std::string> query;       ///< decoded
  std::map<std::string, std::string> path_parameters;  ///< of the route's {names}
  std::string remote_address;                          ///< of the client: the peer, or what trusted proxies said
  std::string scheme = "http";                         ///< "https" when a trusted proxy said so by X-Forwarded-Proto
  std::string request_id;  ///< of X-Request-Id when well-formed, else made here; echoed and logged
  /// The span of this request, logged: in the trace that its traceparent names where that is well-formed, else in a new
  /// one.
  TraceContext trace;
  std::string parent_span;          ///< of that traceparent; empty without one
  std::optional<tasks::User> user;  ///< set for routes with Access::user
  BodyReader* body = nullptr;       ///< never null inside a handler

  /// The value of a header field, case-insensitive; empty string_view when absent. A repeated field is joined with ", "
  /// (RFC 9110 5.3).
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> find_query(const std::string& name) const;

  std::vector<std::pair<std::string, std::string>> headers;
};

/// A part of an object, sent by sendfile where it has a descriptor, else in pieces read on the blocking pool.
struct ObjectBody {
  std::unique_ptr<tasks::ObjectReader> reader;
  ByteCount offset = 0;
  ByteCount length = 0;
};

/// The client of a ResponseStream, for a stream that has to wait for what it tells.
class StreamReader {
 public:
  virtual ~StreamReader() = default;
  /// Until the waker is called, `deadline` at the latest, give or take the server's sweep. canceled when the client is
  /// gone or the server drains: time to end the stream.
  virtual Awaitable<Result<void>> wait(SteadyTime deadline) = 0;
  /// Ends the wait under way, or the next. May be called on any thread as long as the stream lives.
  [[nodiscard]] virtual std::function<void()> waker() = 0;
  /// What was sent and the client has not taken yet.
  [[nodiscard]] virtual ByteCount unread() = 0;
};

/// A body that is made while it is sent, of a length that nobody knows before (chunked). Runs on the connection's
/// thread. It lives as long as the request, at the longest.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;
  /// The next bytes; empty: that was all. An error cuts the connection, so that the client sees that it is not whole.
  virtual Awaitable<Result<std::string>> next(StreamReader& reader) = 0;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< Content-Length, Transfer-Encoding, Date, Connection and X-Request-Id are the server's
  /// string_view: static data that outlives the server; shared_ptr: a text that others send, too
  std::variant<std::string, std::string_view, std::shared_ptr<const std::string>, ObjectBody,
               std::unique_ptr<ResponseStream>>
      body;

  /// In place of the field of that name, if there is one.
  Response& set(std::string name, std::string value);
  /// Beside fields of that name: Set-Cookie.
  Response& add(std::string name, std::string value);
  static Response json(int status, std::string body);
};

/// RFC 9457 problem details: {"type","title","status","code","detail","fields"?,"requestId"}. `problem.cpp` owns
/// ErrorCode → status. Retry-After goes with 429 and 503.
Response make_problem(const Error& error, const Request& request);
[[nodiscard]] int status_of(ErrorCode code);

}  // namespace decant::http
