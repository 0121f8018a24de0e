#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <memory>

#include "programs/commands.h"
#include "programs/exit_status.h"
#include "programs/listen_address.h"

namespace decant::programs {
namespace {

constexpr timeval deadline{5, 0};
constexpr std::size_t longest_answer = 64 * 1024;

Result<Descriptor> connect_to(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string host = address.reachable_host();
  if (::getaddrinfo(host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0) {
    return failure(ErrorCode::invalid_argument, fmt::format("{} is no numeric address", host));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Descriptor socket{::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket.is_open()) return system_failure(errno, "make a socket");
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
  if (::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0) {
    return system_failure(errno, fmt::format("reach a server at {}:{}", host, address.port));
  }
  return socket;
}

/// The whole answer to GET /readyz.
Result<std::string> ask(const ListenAddress& address) {
  DECANT_TRY(const Descriptor socket, connect_to(address));
  constexpr std::string_view request = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
    return system_failure(errno, "ask the server");
  std::string answer;
  std::string buffer(4096, '\0');
  while (answer.size() < longest_answer) {
    const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0) return system_failure(errno, "read the server's answer");
    if (got == 0) break;
    answer.append(buffer, 0, static_cast<std::size_t>(got));
  }
  return answer;
}

}  // namespace

int run(const HealthCommand&, const LoadedSettings& settings) {
  const auto address = parse_listen_address(settings.values.listen);
  if (!address) return report_failure(address.error());
  const auto answer = ask(*address);
  if (!answer) return report_failure(answer.error());
  const std::size_t body = answer->find("\r\n\r\n");
  if (body != std::string::npos) fmt::print("{}\n", answer->substr(body + 4));
  return answer->starts_with("HTTP/1.1 200 ") ? exit_ok : exit_failed;
}

}  // namespace decant::programs
