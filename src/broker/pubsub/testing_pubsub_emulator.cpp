#include "broker/pubsub/testing_pubsub_emulator.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "base/file.h"

namespace decant::broker::pubsub {
namespace {

namespace fs = std::filesystem;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int choose_port() {
  const Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), generic, size) != 0 || ::getsockname(socket.get(), generic, &size) != 0)
    throw std::runtime_error("no port is free");
  return ntohs(address.sin_port);
}

bool takes_connections(int port) {
  const Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const sockaddr_in address = loopback(port);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::optional<fs::path> find_jar() {
  const char* home = std::getenv("HOME");
  for (const fs::path& sdk :
       {fs::path("/usr/lib/google-cloud-sdk"), fs::path("/usr/share/google-cloud-sdk"),
        fs::path("/opt/google-cloud-sdk"), fs::path(home == nullptr ? "/" : home) / "google-cloud-sdk"}) {
    std::error_code none;
    for (const auto& file : fs::directory_iterator(sdk / "platform/pubsub-emulator/lib", none)) {
      const std::string name = file.path().filename();
      if (name.starts_with("cloud-pubsub-emulator-") && name.ends_with(".jar")) return file.path();
    }
  }
  return std::nullopt;
}

std::optional<fs::path> find_java() {
  for (const char* java : {"/usr/bin/java", "/usr/local/bin/java"}) {
    if (::access(java, X_OK) == 0) return java;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> TestingPubsubEmulator::why_not() {
  if (!find_jar()) return "Google's Pub/Sub emulator is not installed (google-cloud-sdk, component pubsub-emulator)";
  if (!find_java()) return "there is no Java for Google's Pub/Sub emulator";
  return std::nullopt;
}

TestingPubsubEmulator::TestingPubsubEmulator() : port_(choose_port()) {
  const std::string java = find_java().value();
  const std::string jar = find_jar().value();
  const std::string port = fmt::format("--port={}", port_);
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // It writes a stack trace for each stream that a client cancels.
    ::close(STDOUT_FILENO);
    ::close(STDERR_FILENO);
    ::open("/dev/null", O_WRONLY);
    ::open("/dev/null", O_WRONLY);
    ::execl(java.c_str(), "java", "-Xmx256m", "-jar", jar.c_str(), "--host=127.0.0.1", port.c_str(), nullptr);
    ::_exit(127);
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!takes_connections(port_)) {
    if (std::chrono::steady_clock::now() > end || ::waitpid(process_, nullptr, WNOHANG) != 0)
      throw std::runtime_error("the emulator did not start");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

TestingPubsubEmulator::~TestingPubsubEmulator() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

std::string TestingPubsubEmulator::endpoint() const { return fmt::format("127.0.0.1:{}", port_); }

}  // namespace decant::broker::pubsub
