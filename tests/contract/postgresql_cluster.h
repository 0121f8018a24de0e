#pragma once

#include <sys/types.h>

#include <string>

#include "contract/temporary_folder.h"

struct pg_conn;  // libpq's PGconn

namespace decant::contract {

/// A PostgreSQL server of this test program's own: a new cluster in a temporary folder, on a port that the kernel
/// chose (tests/servers/postgresql), with password logins and fsync on. Gone with this object.
class PostgresqlCluster {
 public:
  enum class Transport {
    plain,
    tls,  ///< with a certificate of its own making for 127.0.0.1
  };
  /// `parent` of the folder: in memory a flush costs nothing.
  explicit PostgresqlCluster(Transport transport = Transport::plain, const std::filesystem::path& parent = "/dev/shm");
  ~PostgresqlCluster() { stop(); }
  PostgresqlCluster(const PostgresqlCluster&) = delete;
  PostgresqlCluster& operator=(const PostgresqlCluster&) = delete;

  /// One for the whole program, made at the first use.
  static PostgresqlCluster& shared();

  /// The URL of a new database: empty, or a copy of `original`, which nobody uses.
  std::string make_database(const std::string& original = "template1");
  /// Of the cluster's own database, as its superuser.
  [[nodiscard]] std::string url() const { return url_of("postgres"); }
  [[nodiscard]] static std::string password() { return "p@ss:w/rd"; }
  /// The certificate that vouches for a server with TLS.
  [[nodiscard]] std::string certificate() const { return folder_.path() / "certificate.pem"; }

  void start();
  /// Disconnects everybody and waits for the end.
  void stop();

 private:
  [[nodiscard]] std::string url_of(const std::string& database) const;
  void make_certificate() const;
  [[nodiscard]] pid_t spawn() const;
  [[nodiscard]] bool answers() const;

  const Transport transport_;
  TemporaryFolder folder_;
  int port_ = 0;
  pid_t server_ = -1;
  int databases_ = 0;
};

/// A connection around the adapter. Throws with the server's words.
class PostgresqlSession {
 public:
  explicit PostgresqlSession(const std::string& url);
  ~PostgresqlSession();
  PostgresqlSession(const PostgresqlSession&) = delete;
  PostgresqlSession& operator=(const PostgresqlSession&) = delete;
  /// The first value of the first row, empty where there is none.
  std::string execute(const std::string& sql);

 private:
  pg_conn* connection_;
};

}  // namespace decant::contract
