#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "contract/temporary_folder.h"

namespace decant::broker::nats {

/// Real nats-servers that keep streams together, on ports of 127.0.0.1 that the kernel chose. They end with this object
/// and with the test program.
class TestingCluster {
 public:
  explicit TestingCluster(int servers, std::vector<std::string> arguments = {});
  ~TestingCluster();
  TestingCluster(const TestingCluster&) = delete;
  TestingCluster& operator=(const TestingCluster&) = delete;

  /// Whether Debian's nats-server is there.
  static bool is_installed();

  /// "127.0.0.1:port,…"
  [[nodiscard]] std::string hosts() const;
  [[nodiscard]] int size() const { return static_cast<int>(servers_.size()); }
  /// The server that answers for a stream; none while there is no leader.
  [[nodiscard]] int find_leader(const std::string& stream) const;

  void kill(int server);  ///< SIGKILL
  void start(int server);
  /// Until the servers have agreed who leads them.
  void wait_until_ready() const;

 private:
  struct Server {
    std::string name;
    int port = 0;
    int cluster_port = 0;
    pid_t pid = 0;
  };

  contract::TemporaryFolder folder_;
  std::vector<std::string> arguments_;
  std::vector<Server> servers_;
};

}  // namespace decant::broker::nats
