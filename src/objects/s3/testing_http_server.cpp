#include "objects/s3/testing_http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <charconv>
#include <optional>
#include <stdexcept>

namespace decant::objects {
namespace {

using Asked = TestingHttpServer::Asked;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& character : lower) character = static_cast<char>(std::tolower(character));
  return lower;
}

Asked parse_head(std::string_view head) {
  Asked asked;
  const std::size_t first_space = head.find(' ');
  const std::size_t second_space = head.find(' ', first_space + 1);
  asked.method = head.substr(0, first_space);
  asked.target = head.substr(first_space + 1, second_space - first_space - 1);
  std::size_t line = head.find("\r\n") + 2;
  while (line < head.size()) {
    const std::size_t end = head.find("\r\n", line);
    const std::string_view text = head.substr(line, end - line);
    const std::size_t colon = text.find(": ");
    if (colon != std::string_view::npos) asked.fields[lower_case(text.substr(0, colon))] = text.substr(colon + 2);
    line = end + 2;
  }
  return asked;
}

/// Nothing when the peer closes first.
std::optional<Asked> read_request(int fd, std::string& buffer) {
  const auto fill = [&] {
    std::array<char, 65536> piece;
    const ssize_t got = ::recv(fd, piece.data(), piece.size(), 0);
    if (got > 0) buffer.append(piece.data(), static_cast<std::size_t>(got));
    return got > 0;
  };
  while (!buffer.contains("\r\n\r\n")) {
    if (!fill()) return std::nullopt;
  }
  const std::size_t head_size = buffer.find("\r\n\r\n") + 4;
  Asked asked = parse_head(std::string_view(buffer).substr(0, head_size - 2));
  std::size_t body_size = 0;
  const std::string& length = asked.fields["content-length"];
  std::from_chars(length.data(), length.data() + length.size(), body_size);
  while (buffer.size() < head_size + body_size) {
    if (!fill()) return std::nullopt;
  }
  asked.body = buffer.substr(head_size, body_size);
  buffer.erase(0, head_size + body_size);
  return asked;
}

}  // namespace

TestingHttpServer::TestingHttpServer(Answer answer)
    : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
      ::getsockname(listener_.get(), generic, &size) != 0) {
    throw std::runtime_error("no loopback port");
  }
  port_ = ::ntohs(address.sin_port);
  thread_ = std::jthread([this] { serve(); });
}

TestingHttpServer::~TestingHttpServer() { is_stopping_ = true; }

std::vector<Asked> TestingHttpServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void TestingHttpServer::serve() {
  while (!is_stopping_) {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    const Descriptor connection{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    serve_connection(connection.get());
  }
}

void TestingHttpServer::serve_connection(int fd) {
  // A client that keeps its connection must not keep the others waiting: one request each.
  std::string buffer;
  const auto request = read_request(fd, buffer);
  if (!request) return;
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(*request);
  }
  const std::string bytes = answer_(*request);
  ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string http_answer(int status, std::string_view body, std::string_view fields) {
  return fmt::format("HTTP/1.1 {} x\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status, body.size(),
                     fields, body);
}

}  // namespace decant::objects
