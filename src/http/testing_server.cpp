#include "http/testing_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "http/syntax.h"

namespace decant::http {
namespace {

constexpr std::size_t file_size = 3'000'000;

class FileReader final : public tasks::ObjectReader {
 public:
  enum class Access { descriptor, pieces };
  FileReader(int fd, Access access) : fd_(fd), access_(access) {}
  ByteCount size() const override { return file_size; }
  int descriptor() const override { return access_ == Access::descriptor ? fd_ : -1; }
  Result<std::size_t> read(ByteCount offset, std::span<std::byte> buffer) override {
    return static_cast<std::size_t>(::pread(fd_, buffer.data(), buffer.size(), offset));
  }

 private:
  int fd_;
  Access access_;
};

Awaitable<Result<std::string>> read_all(BodyReader& body) {
  std::string text;
  std::vector<std::byte> buffer(64 * 1024);
  while (true) {
    DECANT_CO_TRY(const std::size_t count, co_await body.read_some(buffer));
    if (count == 0) co_return text;
    text.append(reinterpret_cast<const char*>(buffer.data()), count);
  }
}

Response text_response(std::string text) {
  Response response;
  response.set("Content-Type", "text/plain");
  response.body = std::move(text);
  return response;
}

std::string describe(const Request& request) {
  std::string text = fmt::format("{}\n{}\n{}\n", request.path, request.remote_address, request.scheme);
  for (const auto& [name, value] : request.query) text += fmt::format("?{}={}\n", name, value);
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\n", name, value);
  return text;
}

}  // namespace

void Gate::open() {
  const std::scoped_lock lock(mutex_);
  is_open_ = true;
  changed_.notify_all();
}

void Gate::pass() {
  std::unique_lock lock(mutex_);
  ++arrived_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return is_open_; });
}

void Gate::wait_for_arrival() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return arrived_ > 0; });
}

std::string Answer::field(const std::string& name) const {
  const auto found = fields.find(to_lower(name));
  return found == fields.end() ? "" : found->second;
}

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket_.close();
}

RawClient& RawClient::send(std::string_view bytes) {
  EXPECT_TRUE(try_send(bytes)) << std::strerror(errno);
  return *this;
}

bool RawClient::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::finish_sending() { ::shutdown(socket_.get(), SHUT_WR); }

bool RawClient::fill() {
  std::array<char, 65536> bytes;
  const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<Answer> RawClient::read_answer_head() {
  std::size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  Answer answer;
  std::string_view head = std::string_view(buffer_).substr(0, end + 2);
  answer.status = static_cast<int>(parse_decimal(head.substr(9, 3)).value_or(0));
  head.remove_prefix(head.find('\n') + 1);
  while (!head.empty()) {
    std::string_view line = take_until(head, '\n');
    line.remove_suffix(1);
    const std::string_view name = take_until(line, ':');
    answer.fields.emplace(to_lower(name), trim(line));
  }
  buffer_.erase(0, end + 4);
  return answer;
}

std::optional<Answer> RawClient::read_answer() {
  std::optional<Answer> answer = read_answer_head();
  if (!answer || answer->status < 200) return answer;
  std::optional<std::string> body =
      read_bytes(static_cast<std::size_t>(parse_decimal(answer->field("Content-Length")).value_or(0)));
  if (!body) return std::nullopt;
  answer->body = *std::move(body);
  return answer;
}

std::optional<std::string> RawClient::read_bytes(std::size_t count) {
  while (buffer_.size() < count) {
    if (!fill()) return std::nullopt;
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

std::optional<std::string> RawClient::read_to_end() {
  errno = 0;
  while (fill()) {
  }
  if (errno == EAGAIN) return std::nullopt;
  return std::exchange(buffer_, {});
}

bool RawClient::is_closed_by_server() {
  char byte;
  const ssize_t got = ::recv(socket_.get(), &byte, 1, 0);
  return got == 0 || (got < 0 && errno == ECONNRESET);
}

std::string request(std::string_view method, std::string_view target, std::string_view fields, std::string_view body) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: test\r\n{}", method, target, fields);
  if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
  return text.append("\r\n").append(body);
}

class NotesStream final : public ResponseStream {
 public:
  explicit NotesStream(Notes& notes) : notes_(notes) {}
  ~NotesStream() override {
    const std::lock_guard lock(notes_.mutex_);
    notes_.wake_ = nullptr;
    notes_.changed_.notify_all();
  }
  Awaitable<Result<std::string>> next(StreamReader& reader) override {
    while (true) {
      {
        const std::lock_guard lock(notes_.mutex_);
        notes_.wake_ = reader.waker();
        notes_.changed_.notify_all();
        if (!notes_.notes_.empty()) {
          std::string note = std::move(notes_.notes_.front());
          notes_.notes_.pop_front();
          if (note == "!") co_return failure(ErrorCode::internal, "broken");
          co_return note;
        }
      }
      if (!co_await reader.wait(std::chrono::steady_clock::now() + std::chrono::seconds(30))) co_return std::string();
    }
  }

 private:
  Notes& notes_;
};

void Notes::post(std::string note) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(std::move(note));
  if (wake_) wake_();
}

void Notes::wait_until_heard() {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return wake_ != nullptr; }));
}

void Notes::wait_until_left() {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [this] { return wake_ == nullptr; }));
}

ServerOptions TestingServer::quick_options() {
  using std::chrono::milliseconds;
  ServerOptions options;
  options.port = 0;
  options.threads = 2;
  options.max_header_bytes = 4096;
  options.max_header_fields = 20;
  options.max_target_bytes = 1024;
  options.header_timeout = milliseconds(200);
  options.idle_timeout = milliseconds(300);
  options.body_pace = {.bytes = 1000, .window = milliseconds(200)};
  options.response_pace = {.bytes = 1000, .window = milliseconds(200)};
  options.max_discarded_body = 10'000;
  options.linger_timeout = milliseconds(300);
  options.sweep_interval = milliseconds(20);
  return options;
}

TestingServer::TestingServer(ServerOptions options) : file_(::memfd_create("served", MFD_CLOEXEC)) {
  std::string block;
  for (std::size_t i = 0; i < 4093; ++i) block += static_cast<char>(i * i % 251);
  while (file_content.size() < file_size) file_content += block;
  file_content.resize(file_size);
  EXPECT_TRUE(write_all(file_.get(), std::as_bytes(std::span(file_content))));
  add_routes();
  Authenticator authenticator = [](const Request& request) -> Awaitable<Result<tasks::User>> {
    if (request.header("Authorization") != "Bearer good") {
      co_return failure(ErrorCode::unauthenticated, "log in first");
    }
    tasks::User user;
    user.name = "somebody";
    co_return user;
  };
  server_ = std::make_unique<Server>(std::move(options), router_, std::move(authenticator), pool_, logger_);
  const Result<void> started = server_->start();
  if (!started) throw std::runtime_error(started.error().describe());
}

TestingServer::~TestingServer() { gate.open(); }

Answer TestingServer::ask(std::string_view method, std::string_view target, std::string_view fields,
                          std::string_view body) const {
  const std::string text = request(method, target, std::string("Connection: close\r\n").append(fields), body);
  RawClient client = connect();
  client.send(text);
  return client.read_answer().value_or(Answer{});
}

void TestingServer::add_routes() {
  const auto add = [this](Method method, std::string pattern, ByteCount body_limit, Handler handler) {
    router_.add(
        {.method = method, .pattern = std::move(pattern), .body_limit = body_limit, .handler = std::move(handler)});
  };
  add(Method::get, "/hello", 0,
      [](Request&) -> Awaitable<Response> { co_return Response::json(200, "{\"hello\":1}"); });
  add(Method::get, "/page", 0, [](Request&) -> Awaitable<Response> {
    Response response;
    response.set("Content-Type", "text/html; charset=utf-8");
    response.body = std::string_view("<!doctype html>");
    co_return response;
  });
  add(Method::get, "/empty", 0, [](Request&) -> Awaitable<Response> { co_return Response{.status = 204}; });
  add(Method::get, "/describe/{rest}", 0,
      [](Request& request) -> Awaitable<Response> { co_return text_response(describe(request)); });
  add(Method::get, "/throw", 0, [](Request&) -> Awaitable<Response> {
    throw std::runtime_error("secret of the house");
    co_return Response{};
  });
  add(Method::get, "/split", 0, [](Request&) -> Awaitable<Response> {
    Response response;
    response.set("X-Name", "a\r\nSet-Cookie: b");
    co_return response;
  });
  add(Method::post, "/echo", 1'000'000, [](Request& request) -> Awaitable<Response> {
    Result<std::string> text = co_await read_all(*request.body);
    co_return text ? text_response(*std::move(text)) : make_problem(text.error(), request);
  });
  add(Method::post, "/count", ByteCount{1} << 40, [this](Request& request) -> Awaitable<Response> {
    std::vector<std::byte> buffer(64 * 1024);
    std::size_t total = 0;
    while (true) {
      const Result<std::size_t> count = co_await request.body->read_some(buffer);
      if (!count) co_return make_problem(count.error(), request);
      if (*count == 0) co_return text_response(std::to_string(total));
      total += *count;
      (void)co_await pool_.run([]() -> Result<void> { return {}; });
    }
  });
  add(Method::post, "/ignore", 1'000'000, [](Request&) -> Awaitable<Response> { co_return text_response("not read"); });
  router_.add({.method = Method::post,
               .pattern = "/private",
               .access = Access::user,
               .body_limit = 1000,
               .handler = [](Request& request) -> Awaitable<Response> {
                 const Result<std::string> text = co_await read_all(*request.body);
                 co_return text_response(request.user->name + text.value_or("?"));
               }});
  add(Method::get, "/wait", 0, [this](Request&) -> Awaitable<Response> {
    (void)co_await pool_.run([this]() -> Result<void> {
      gate.pass();
      return {};
    });
    co_return text_response("waited");
  });
  const auto object = [this](FileReader::Access access) {
    return [this, access](Request&) -> Awaitable<Response> {
      Response response;
      response.body =
          ObjectBody{.reader = std::make_unique<FileReader>(file_.get(), access), .offset = 1, .length = file_size - 2};
      co_return response;
    };
  };
  add(Method::get, "/notes", 0, [this](Request&) -> Awaitable<Response> {
    Response response;
    response.body = std::make_unique<NotesStream>(notes);
    co_return response;
  });
  add(Method::get, "/file", 0, object(FileReader::Access::descriptor));
  add(Method::get, "/pieces", 0, object(FileReader::Access::pieces));
}

}  // namespace decant::http
