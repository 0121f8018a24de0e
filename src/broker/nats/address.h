#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace decant::broker::nats {

/// What a nats:// or tls:// URL names.
struct Address {
  enum class Transport { clear_text, tls };

  std::vector<std::string> servers;  ///< host:port
  Transport transport = Transport::clear_text;
  std::string user;
  std::string password;     ///< a secret
  std::string credentials;  ///< path of a .creds file: JWT and NKey seed
  std::string ca;           ///< path, PEM: whom to trust instead of the system's authorities
  std::string certificate;  ///< path, PEM: the chain that this client shows
  std::string key;          ///< path, PEM: of that certificate

  std::string stream = "decant";
  std::string consumer = "workers";
  int replicas = 0;      ///< servers that keep the stream
  int max_deliver = 20;  ///< deliveries of one ring; what is left then is removed
  /// How long a ring waits at the most. Older tasks are found without one.
  std::chrono::milliseconds max_age = std::chrono::hours(24);
  /// Within it, rings for the same generation of a task are one. Shorter than a lease, so that a ring for a task that
  /// was taken from a lost worker counts.
  std::chrono::milliseconds duplicate_window = std::chrono::seconds(30);

  /// Rings are published here, and nothing else is.
  [[nodiscard]] std::string subject() const { return stream + ".rings"; }
  /// For messages: the servers, and never a secret.
  [[nodiscard]] std::string text() const;
};

/// Reads `[user[:password]@]host[:port][,host[:port]…][/stream][?name=value…]`, the rest of a nats:// or tls:// URL.
/// The parameters are the names of the fields above from credentials on, without stream. The default of replicas is 3
/// with three servers or more, else 1. invalid_argument says what is wrong.
Result<Address> parse_address(std::string_view rest, Address::Transport transport);

}  // namespace decant::broker::nats
