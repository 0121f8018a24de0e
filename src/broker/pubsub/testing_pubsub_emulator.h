#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace decant::broker::pubsub {

/// Google's Pub/Sub emulator, a Java program of the Google Cloud SDK, on loopback.
class TestingPubsubEmulator {
 public:
  /// Why it cannot run here; nothing when it can.
  [[nodiscard]] static std::optional<std::string> why_not();

  /// Starts it and waits until it takes connections.
  TestingPubsubEmulator();
  ~TestingPubsubEmulator();
  TestingPubsubEmulator(const TestingPubsubEmulator&) = delete;
  TestingPubsubEmulator& operator=(const TestingPubsubEmulator&) = delete;

  /// host:port
  [[nodiscard]] std::string endpoint() const;

 private:
  int port_ = 0;
  pid_t process_ = -1;
};

}  // namespace decant::broker::pubsub
