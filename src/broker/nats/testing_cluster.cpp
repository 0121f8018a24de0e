#include "broker/nats/testing_cluster.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "base/file.h"
#include "broker/nats/handles.h"

namespace decant::broker::nats {
namespace {

constexpr const char* program = "/usr/sbin/nats-server";
constexpr std::chrono::seconds patience{60};

/// Ports that are free now. All are held at once, so that no two are the same.
std::vector<int> choose_ports(std::size_t count) {
  std::vector<Descriptor> held;
  std::vector<int> ports;
  while (ports.size() < count) {
    Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket.get(), generic, size) != 0 || ::getsockname(socket.get(), generic, &size) != 0)
      throw std::runtime_error("no free port");
    ports.push_back(ntohs(address.sin_port));
    held.push_back(std::move(socket));
  }
  return ports;
}

}  // namespace

bool TestingCluster::is_installed() { return ::access(program, X_OK) == 0; }

TestingCluster::TestingCluster(int servers, std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  const std::vector<int> ports = choose_ports(2 * static_cast<std::size_t>(servers));
  for (int i = 0; i < servers; ++i) {
    const auto at = 2 * static_cast<std::size_t>(i);
    servers_.push_back({fmt::format("server-{}", i), ports.at(at), ports.at(at + 1), 0});
  }
  for (int i = 0; i < servers; ++i) start(i);
}

TestingCluster::~TestingCluster() {
  for (int i = 0; i < size(); ++i) kill(i);
}

std::string TestingCluster::hosts() const {
  std::string hosts;
  for (const Server& server : servers_) hosts += fmt::format("{}127.0.0.1:{}", hosts.empty() ? "" : ",", server.port);
  return hosts;
}

void TestingCluster::start(int number) {
  Server& server = servers_.at(static_cast<std::size_t>(number));
  std::vector<std::string> words = {program, "-a",        "127.0.0.1", "-p",  std::to_string(server.port),
                                    "-n",    server.name, "-js",       "-sd", (folder_.path() / server.name).string()};
  if (servers_.size() > 1) {
    std::string routes;
    for (const Server& other : servers_)
      routes += fmt::format("{}nats://127.0.0.1:{}", routes.empty() ? "" : ",", other.cluster_port);
    const std::string listen = fmt::format("nats://127.0.0.1:{}", server.cluster_port);
    words.insert(words.end(), {"--cluster_name", "decant", "--cluster", listen, "--routes", routes});
  }
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string log = (folder_.path() / (server.name + ".log")).string();

  const pid_t parent = ::getpid();
  server.pid = ::fork();
  if (server.pid < 0) throw std::runtime_error("fork");
  if (server.pid > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const int output = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::execv(program, argv.data());
  ::_exit(1);
}

void TestingCluster::kill(int number) {
  Server& server = servers_.at(static_cast<std::size_t>(number));
  if (server.pid == 0) return;
  ::kill(server.pid, SIGKILL);
  ::waitpid(server.pid, nullptr, 0);
  server.pid = 0;
}

int TestingCluster::find_leader(const std::string& stream) const {
  natsConnection* connection = nullptr;
  if (natsConnection_ConnectTo(&connection, hosts().c_str()) != NATS_OK) return -1;
  const ConnectionHandle connected(connection);
  jsCtx* context = nullptr;
  if (natsConnection_JetStream(&context, connection, nullptr) != NATS_OK) return -1;
  const JetStreamHandle stream_context(context);
  jsStreamInfo* info = nullptr;
  js_GetStreamInfo(&info, context, stream.c_str(), nullptr, nullptr);
  const StreamInfoHandle found(info);
  if (!found || found->Cluster == nullptr || found->Cluster->Leader == nullptr) return -1;
  for (int i = 0; i < size(); ++i) {
    if (servers_.at(static_cast<std::size_t>(i)).name == found->Cluster->Leader) return i;
  }
  return -1;
}

void TestingCluster::wait_until_ready() const {
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < give_up) {
    natsConnection* connection = nullptr;
    const natsStatus status = natsConnection_ConnectTo(&connection, hosts().c_str());
    const ConnectionHandle connected(connection);
    jsCtx* context = nullptr;
    if (status == NATS_OK && natsConnection_JetStream(&context, connection, nullptr) == NATS_OK) {
      const JetStreamHandle stream_context(context);
      jsAccountInfo* info = nullptr;
      jsOptions options{};
      jsOptions_Init(&options);
      options.Wait = 1'000;
      const bool has_answered = js_GetAccountInfo(&info, context, &options, nullptr) == NATS_OK;
      jsAccountInfo_Destroy(info);
      if (has_answered) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw std::runtime_error("the NATS servers did not agree on a leader");
}

}  // namespace decant::broker::nats
