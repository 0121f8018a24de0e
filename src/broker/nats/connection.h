#pragma once

#include <latch>

#include "base/log.h"
#include "broker/nats/address.h"
#include "broker/nats/handles.h"

namespace decant::broker::nats {

/// A connection to one server of the cluster, which libnats moves to another when that one is lost, for ever and with
/// growing pauses. Tells the log when the broker is away and back. Thread-safe.
class Connection {
 public:
  /// Connected when it returns. Blocks for seconds where no server answers. The logger outlives it.
  static Result<std::unique_ptr<Connection>> open(const Address& address, Logger& logger);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] natsConnection* get() const { return handle_.get(); }
  /// For good: libnats gives up when servers go on refusing who connects.
  [[nodiscard]] bool is_closed() const { return natsConnection_IsClosed(handle_.get()); }

 private:
  Connection(const Address& address, Logger& logger) : servers_(address.text()), logger_(logger) {}
  Result<OptionsHandle> make_options(const Address& address);

  std::string servers_;
  Logger& logger_;
  std::latch closed_{1};  ///< after it, libnats calls nobody back
  ConnectionHandle handle_;
};

}  // namespace decant::broker::nats
