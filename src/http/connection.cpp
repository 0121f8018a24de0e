#include "http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <exception>

#include "base/ids.h"
#include "http/http_date.h"
#include "http/method.h"
#include "http/problem.h"
#include "http/request_target.h"
#include "http/response_head.h"
#include "http/syntax.h"

namespace decant::http {
namespace {

/// How much of an object without a descriptor is in memory at a time.
constexpr ByteCount object_piece = 256 * 1024;

SteadyTime now() { return std::chrono::steady_clock::now(); }

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char character) {
    return is_token_character(character) && !std::string_view("!#$%&'*+^`|~").contains(character);
  });
}

Response make_refusal(const Refusal& refusal, const Request& request) {
  return make_problem(refusal.status, refusal.error, request);
}

std::string join(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

Response make_options_answer(const std::string& allowed) {
  Response response;
  response.status = 204;
  response.set("Allow", allowed);
  return response;
}

/// The body of a response that is neither object nor stream.
std::string_view text_of(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
  if (const auto* text = std::get_if<std::shared_ptr<const std::string>>(&response.body)) return **text;
  return std::get<std::string_view>(response.body);
}

void place_in_trace(Request& request) {
  const auto caller = TraceContext::parse(request.header("traceparent"));
  request.trace = caller ? caller->next_span() : TraceContext::begin();
  if (caller) request.parent_span = caller->span_id();
}

/// The client of a stream, as its connection has it.
class SocketReader final : public StreamReader {
 public:
  SocketReader(ClientSocket& socket, const Surroundings& surroundings)
      : socket_(std::make_shared<ClientSocket*>(&socket)), surroundings_(surroundings) {}

  Awaitable<Result<void>> wait(SteadyTime deadline) override {
    if (!surroundings_.is_draining) DECANT_CO_CHECK(co_await (*socket_)->wait_for_notice(deadline));
    if (surroundings_.is_draining) co_return failure(ErrorCode::canceled, "the server stops");
    co_return Result<void>();
  }
  std::function<void()> waker() override {
    // The word may still be under way when the connection is gone: it is looked for on its thread only.
    return [executor = (*socket_)->executor(), socket = std::weak_ptr(socket_)] {
      boost::asio::post(executor, [socket] {
        if (const auto alive = socket.lock()) (*alive)->notify();
      });
    };
  }
  ByteCount unread() override { return (*socket_)->unacknowledged(); }

 private:
  std::shared_ptr<ClientSocket*> socket_;  ///< shared with nobody: for wakers to know that it is gone
  const Surroundings& surroundings_;
};

}  // namespace

Surroundings::Surroundings() : id_prefix_(random_hex(6)) {}

std::string_view Surroundings::date() {
  const auto second = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (second != date_time_) {
    date_time_ = second;
    date_ = to_http_date(second);
  }
  return date_;
}

std::string Surroundings::make_request_id() { return fmt::format("{}-{:x}", id_prefix_, next_id_++); }

Connection::Connection(const Site& site, Surroundings& surroundings, ClientSocket::Socket socket,
                       boost::asio::ip::address peer)
    : site_(site),
      surroundings_(surroundings),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      buffer_(site.options.max_header_bytes),
      parser_({.bytes = site.options.max_header_bytes,
               .target_bytes = site.options.max_target_bytes,
               .fields = site.options.max_header_fields}) {}

Awaitable<void> Connection::run() {
  while (co_await serve_next()) {
  }
  socket_.close();
}

Awaitable<void> Connection::turn_away() {
  Request request;
  request.request_id = surroundings_.make_request_id();
  Response response =
      make_problem({ErrorCode::unavailable, "there are too many connections: try again shortly"}, request);
  response.set("Retry-After", std::to_string(site_.options.busy_retry_after.count()));
  const ResponseFrame frame{.request_id = request.request_id, .date = surroundings_.date(), .keeps_alive = false};
  const SteadyTime start = now();
  const Result<void> sent = co_await send(request, response, frame);
  site_.options.observe({request, nullptr, response.status, now() - start});
  if (sent) co_await linger();
  socket_.close();
}

void Connection::drain() {
  if (is_idle_) socket_.close();
  socket_.notify();
}

Awaitable<bool> Connection::wait_for_request() {
  // Some clients end a body with a line break that Content-Length does not count (RFC 9112 2.2).
  const auto skip_line_breaks = [this] {
    while (!buffer_.is_empty() && (buffer_.data()[0] == std::byte{'\r'} || buffer_.data()[0] == std::byte{'\n'}))
      buffer_.consume(1);
  };
  skip_line_breaks();
  const auto patience = is_first_ ? site_.options.header_timeout : site_.options.idle_timeout;
  const SteadyTime deadline = now() + patience;
  while (buffer_.is_empty()) {
    if (surroundings_.is_draining) co_return false;
    is_idle_ = true;
    const Result<std::size_t> count = co_await socket_.read_some(buffer_.prepare(), deadline);
    is_idle_ = false;
    if (!count || *count == 0) co_return false;
    buffer_.commit(*count);
    skip_line_breaks();
  }
  is_first_ = false;
  co_return true;
}

Awaitable<std::expected<Conduct, Refusal>> Connection::receive_head() {
  const SteadyTime deadline = now() + site_.options.header_timeout;
  parser_.reset();
  while (true) {
    const auto used = parser_.feed_head(buffer_.data());
    if (!used) co_return std::unexpected(used.error());
    buffer_.consume(*used);
    if (parser_.is_head_complete()) break;
    const Result<std::size_t> count = co_await socket_.read_some(buffer_.prepare(), deadline);
    if (!count && count.error().code == ErrorCode::timed_out) {
      co_return std::unexpected(Refusal{408, {ErrorCode::timed_out, "the request head took too long"}});
    }
    if (!count || *count == 0) co_return refuse(400, "the request head broke off");
    buffer_.commit(*count);
  }
  co_return check_head(parser_.head());
}

std::expected<void, Refusal> Connection::interpret_head(Request& request) {
  RequestHead& head = parser_.head();
  request.headers = std::move(head.fields);
  if (site_.proxies.contains(peer_)) {
    request.remote_address = site_.proxies.client_of(peer_, request.header("X-Forwarded-For")).to_string();
    if (equals_ignoring_case(request.header("X-Forwarded-Proto"), "https")) request.scheme = "https";
  }
  if (const std::string_view id = request.header("X-Request-Id"); is_request_id(id)) request.request_id = id;

  const std::optional<Method> method = find_method(head.method);
  if (!method) return refuse(501, "this method is not known here");
  request.method = *method;
  Result<RequestTarget> target = parse_target(head.target);
  if (!target) return std::unexpected(Refusal{400, std::move(target).error()});
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  return {};
}

Awaitable<bool> Connection::serve_next() {
  if (!co_await wait_for_request()) co_return false;
  const SteadyTime start = now();
  Request request;
  request.request_id = surroundings_.make_request_id();
  request.remote_address = peer_.to_string();

  auto conduct = co_await receive_head();
  const int minor_version = parser_.head().minor_version;
  if (conduct) {
    if (auto interpreted = interpret_head(request); !interpreted) conduct = std::unexpected(interpreted.error());
  }
  place_in_trace(request);
  if (!conduct) {
    const Response response = make_refusal(conduct.error(), request);
    const ResponseFrame frame{request.request_id, surroundings_.date(), false, minor_version};
    const Result<void> sent = co_await send(request, response, frame);
    record(request, nullptr, response, start, sent);
    if (sent) co_await linger();
    co_return false;
  }

  Router::Match match = site_.router.find(request.method, request.path);
  const ByteCount body_limit = match.route == nullptr ? 0 : match.route->body_limit;
  RequestBody body({socket_, buffer_, parser_}, *conduct, body_limit, site_.options.body_pace);
  request.body = &body;
  request.path_parameters = std::move(match.parameters);
  const Response response = co_await answer_or_fault(request, match, conduct->framing);

  const bool keeps_alive = conduct->keeps_alive && !surroundings_.is_draining &&
                           body.is_nearly_complete(site_.options.max_discarded_body) &&
                           !(is_stream(response) && minor_version == 0);
  const ResponseFrame frame{request.request_id, surroundings_.date(), keeps_alive, minor_version};
  if (is_stream(response)) site_.options.observe({request, match.route, response.status, now() - start});
  const Result<void> sent = co_await send(request, response, frame);
  record(request, match.route, response, start, sent);
  if (!sent) {
    socket_.abort();
    co_return false;
  }
  if (!keeps_alive) {
    co_await linger();
    co_return false;
  }
  if (const Result<void> discarded = co_await body.discard(); !discarded) co_return false;
  buffer_.shrink();
  co_return true;
}

Awaitable<Response> Connection::answer(Request& request, const Router::Match& match, const Framing& framing) {
  if (request.method == Method::options && request.path == "*") {
    co_return make_options_answer("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
  }
  if (match.route == nullptr) {
    if (match.allowed.empty())
      co_return make_problem({ErrorCode::not_found, "there is nothing under this path"}, request);
    if (request.method == Method::options) co_return make_options_answer(join(match.allowed));
    Response response = make_problem(
        405, {ErrorCode::invalid_argument, "this path does not take " + std::string(to_string(request.method))},
        request);
    response.set("Allow", join(match.allowed));
    co_return response;
  }
  const Route& route = *match.route;
  if (route.access == Access::user) {
    Result<tasks::User> user = co_await site_.authenticator(request);
    if (!user) {
      if (status_of(user.error().code) >= 500) {
        site_.logger.warning("request refused", {{"request", request.request_id},
                                                 {"trace", request.trace.trace_id()},
                                                 {"path", request.path},
                                                 {"error", user.error().describe()}});
      }
      co_return make_problem(user.error(), request);
    }
    request.user = *std::move(user);
  }
  if (framing.kind == Framing::Kind::sized && framing.length > route.body_limit) {
    co_return make_problem(
        {ErrorCode::too_large, fmt::format("the request body is larger than {} bytes", route.body_limit)}, request);
  }
  co_return co_await route.handler(request);
}

Awaitable<Response> Connection::answer_or_fault(Request& request, const Router::Match& match, const Framing& framing) {
  std::string fault;
  try {
    Response response = co_await answer(request, match, framing);
    check_fields(response);
    co_return response;
  } catch (const std::exception& thrown) {
    fault = thrown.what();
  } catch (...) {
    fault = "not an exception of the standard library's kind";
  }
  site_.logger.error("a handler failed", {{"path", request.path},
                                          {"request", request.request_id},
                                          {"trace", request.trace.trace_id()},
                                          {"detail", fault}});
  co_return make_problem({ErrorCode::internal, "an internal fault"}, request);
}

Awaitable<Result<void>> Connection::send(const Request& request, const Response& response, const ResponseFrame& frame) {
  std::string head;
  head.reserve(1024);
  append_head(head, response, frame);
  PaceMeter pace(site_.options.response_pace);
  if (is_stream(response) && request.method != Method::head) {
    DECANT_CO_CHECK(co_await socket_.write(head, {}, pace));
    co_return co_await send_stream(*std::get<std::unique_ptr<ResponseStream>>(response.body), frame.minor_version,
                                   pace);
  }
  if (request.method == Method::head || body_length(response) == 0) co_return co_await socket_.write(head, {}, pace);
  if (const auto* object = std::get_if<ObjectBody>(&response.body)) {
    DECANT_CO_CHECK(co_await socket_.write_with_more_to_come(head, pace));
    co_return co_await send_object(*object, pace);
  }
  co_return co_await socket_.write(head, text_of(response), pace);
}

Awaitable<Result<void>> Connection::send_object(const ObjectBody& object, PaceMeter& pace) {
  if (const int file = object.reader->descriptor(); file >= 0) {
    co_return co_await socket_.send_file(file, object.offset, object.length, pace);
  }
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min(object.length, object_piece)));
  const ByteCount end = object.offset + object.length;
  for (ByteCount offset = object.offset; offset < end;) {
    const auto room = std::span(piece).first(static_cast<std::size_t>(std::min(end - offset, object_piece)));
    DECANT_CO_TRY(const std::size_t count,
                  co_await site_.pool.run_admitted([&]() { return object.reader->read(offset, room); }));
    if (count == 0) co_return failure(ErrorCode::internal, "the object is shorter than it was");
    DECANT_CO_CHECK(co_await socket_.write({reinterpret_cast<const char*>(piece.data()), count}, {}, pace));
    offset += static_cast<ByteCount>(count);
  }
  co_return Result<void>();
}

Awaitable<Result<void>> Connection::send_stream(ResponseStream& stream, int minor_version, PaceMeter& pace) {
  SocketReader reader(socket_, surroundings_);
  while (true) {
    DECANT_CO_TRY(const std::string piece, co_await stream.next(reader));
    if (minor_version == 0) {
      if (piece.empty()) co_return Result<void>();
      DECANT_CO_CHECK(co_await socket_.write(piece, {}, pace));
      continue;
    }
    const std::string chunk = fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    DECANT_CO_CHECK(co_await socket_.write(chunk, {}, pace));
    if (piece.empty()) co_return Result<void>();
  }
}

Awaitable<void> Connection::linger() {
  socket_.finish_writing();
  const SteadyTime deadline = now() + site_.options.linger_timeout;
  std::array<std::byte, 4096> scrap;
  while (true) {
    const Result<std::size_t> count = co_await socket_.read_some(scrap, deadline);
    if (!count || *count == 0 || now() >= deadline) co_return;
  }
}

void Connection::record(const Request& request, const Route* route, const Response& response, SteadyTime start,
                        const Result<void>& sent) {
  if (!is_stream(response)) site_.options.observe({request, route, response.status, now() - start});
  const LogLevel level = site_.options.access_log_level;
  if (!site_.logger.is_enabled(level)) return;
  const std::chrono::duration<double, std::milli> taken = now() - start;
  site_.logger.write(level, sent ? "request" : "request cut off",
                     {{"method", request.path.empty() ? "-" : to_string(request.method)},
                      {"path", request.path},
                      {"status", response.status},
                      {"bytes", body_length(response)},
                      {"ms", taken.count()},
                      {"remote", request.remote_address},
                      {"request", request.request_id},
                      {"trace", request.trace.trace_id()},
                      {"user", request.user ? request.user->id.text() : ""}});
}

}  // namespace decant::http
