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

PostgresqlCluster::PostgresqlCluster(Transport transport, const std::filesystem::path& parent)
    : transport_(transport), folder_(parent) {
  std::ofstream(folder_.path() / "password") << password() << '\n';
  if (transport_ == Transport::tls) make_certificate();
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

void PostgresqlCluster::make_certificate() const {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::chdir(folder_.path().c_str()) != 0) ::_exit(127);
    ::close(STDERR_FILENO);  // it shows its progress
    ::execlp("openssl", "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem", nullptr);
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) throw std::runtime_error("openssl made no certificate");
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
  const std::string key = "ssl_key_file=" + folder + "/key.pem";
  const std::string certificate = "ssl_cert_file=" + folder + "/certificate.pem";
  // No transactions but those of the tests: an open one holds back what TaskChanges counts as read.
  const char* autovacuum = "autovacuum=off";
  const char* ssl = transport_ == Transport::tls ? "ssl=on" : "ssl=off";
  ::execl(script.c_str(), script.c_str(), folder.c_str(), port.c_str(), "-c", "shared_buffers=64MB", "-c", autovacuum,
          "-c", ssl, "-c", key.c_str(), "-c", certificate.c_str(), nullptr);
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
