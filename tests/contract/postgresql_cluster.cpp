#include "contract/postgresql_cluster.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace decant::contract {
namespace {

int find_free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::getsockname(listener, generic, &size) != 0) {
    throw std::runtime_error("no free port");
  }
  ::close(listener);
  return ntohs(address.sin_port);
}

}  // namespace

PostgresqlSession::PostgresqlSession(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
  if (PQstatus(connection_) == CONNECTION_OK) return;
  const std::string error = PQerrorMessage(connection_);
  PQfinish(connection_);
  throw std::runtime_error(error);
}

PostgresqlSession::~PostgresqlSession() { PQfinish(connection_); }

std::string PostgresqlSession::execute(const std::string& sql) {
  PGresult* result = PQexec(connection_, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  const std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection_));
  return value;
}

PostgresqlCluster::PostgresqlCluster(const std::filesystem::path& parent) : folder_(parent) {
  std::ofstream(folder_.path() / "password") << password() << '\n';
  start();
}

PostgresqlCluster& PostgresqlCluster::shared() {
  static PostgresqlCluster cluster;
  return cluster;
}

std::string PostgresqlCluster::url_of(const std::string& database) const {
  return fmt::format("postgresql://decant:p%40ss%3Aw%2Frd@127.0.0.1:{}/{}", port_, database);
}

std::string PostgresqlCluster::make_database(const std::string& original) {
  const std::string name = fmt::format("test{}", ++databases_);
  PostgresqlSession(url()).execute(fmt::format("CREATE DATABASE {} TEMPLATE {}", name, original));
  return url_of(name);
}

pid_t PostgresqlCluster::spawn() const {
  const char* source = std::getenv("DECANT_SOURCE");
  if (source == nullptr) throw std::runtime_error("DECANT_SOURCE is not set to the source folder");
  const std::string script = std::string(source) + "/tests/servers/postgresql";
  const std::string folder = folder_.path();
  const std::string port = std::to_string(port_);
  const std::string log = folder_.path() / "log";
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int output = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  // No transactions but those of the tests: an open one holds back what TaskChanges counts as read.
  ::execl(script.c_str(), script.c_str(), folder.c_str(), port.c_str(), "-c", "shared_buffers=64MB", "-c",
          "autovacuum=off", nullptr);
  ::_exit(127);
}

bool PostgresqlCluster::answers() const {
  try {
    const PostgresqlSession session(url());
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

void PostgresqlCluster::start() {
  if (port_ == 0) port_ = find_free_port();
  server_ = spawn();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!answers()) {
    if (std::chrono::steady_clock::now() > deadline || ::waitpid(server_, nullptr, WNOHANG) != 0) {
      std::ifstream log(folder_.path() / "log");
      throw std::runtime_error("PostgreSQL does not start: " + std::string(std::istreambuf_iterator<char>(log), {}));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void PostgresqlCluster::stop() {
  if (server_ <= 0) return;
  ::kill(server_, SIGINT);
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

}  // namespace decant::contract
