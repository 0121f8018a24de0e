#include "broker/nats/connection.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "broker/nats/status.h"
#include "tasks/retry.h"

namespace decant::broker::nats {
namespace {

constexpr std::int64_t connect_timeout = 2'000;  // milliseconds, as all of these; for each server
constexpr std::int64_t write_deadline = 2'000;
// A peer that vanished without a word is noticed after three of them.
constexpr std::int64_t ping_interval = 5'000;
constexpr int most_pings_out = 2;
constexpr tasks::Backoff reconnect_backoff{std::chrono::milliseconds(200), std::chrono::seconds(5)};

/// libnats would only say that it could not read one of them.
Result<void> check_files(const Address& address) {
  for (const std::string* file : {&address.credentials, &address.ca, &address.certificate, &address.key}) {
    if (file->empty() || ::access(file->c_str(), R_OK) == 0) continue;
    return failure(ErrorCode::invalid_argument, fmt::format("the broker's file {} cannot be read: {}", *file,
                                                            std::generic_category().message(errno)));
  }
  return {};
}

std::int64_t reconnect_delay(natsConnection*, int attempts, void*) {
  return reconnect_backoff.draw(std::max(attempts, 1)).count();
}

}  // namespace

Result<OptionsHandle> Connection::make_options(const Address& address) {
  natsOptions* made = nullptr;
  natsStatus status = natsOptions_Create(&made);
  OptionsHandle handle(made);
  const auto set = [&](auto function, auto... values) {
    if (status == NATS_OK) status = function(made, values...);
  };
  std::vector<std::string> urls;
  for (const std::string& server : address.servers) urls.push_back("nats://" + server);
  std::vector<const char*> servers;
  for (const std::string& url : urls) servers.push_back(url.c_str());

  set(natsOptions_SetServers, servers.data(), static_cast<int>(servers.size()));
  set(natsOptions_SetName, "decant");
  set(natsOptions_SetTimeout, connect_timeout);
  set(natsOptions_SetWriteDeadline, write_deadline);
  set(natsOptions_SetPingInterval, ping_interval);
  set(natsOptions_SetMaxPingsOut, most_pings_out);
  set(natsOptions_SetMaxReconnect, std::numeric_limits<int>::max());
  set(natsOptions_SetCustomReconnectDelay, reconnect_delay, static_cast<void*>(nullptr));
  // Else a request that was under way would wait for its whole time.
  set(natsOptions_SetFailRequestsOnDisconnect, true);
  if (!address.user.empty()) set(natsOptions_SetUserInfo, address.user.c_str(), address.password.c_str());
  if (!address.credentials.empty())
    set(natsOptions_SetUserCredentialsFromFiles, address.credentials.c_str(), static_cast<const char*>(nullptr));
  if (address.transport == Address::Transport::tls) {
    set(natsOptions_SetSecure, true);
    if (!address.ca.empty()) set(natsOptions_LoadCATrustedCertificates, address.ca.c_str());
    if (!address.certificate.empty())
      set(natsOptions_LoadCertificatesChain, address.certificate.c_str(), address.key.c_str());
  }

  set(
      natsOptions_SetDisconnectedCB,
      [](natsConnection* connection, void* self) {
        if (!natsConnection_IsClosed(connection))
          static_cast<Connection*>(self)->logger_.warning("the broker is away",
                                                          {{"servers", static_cast<Connection*>(self)->servers_}});
      },
      static_cast<void*>(this));
  set(
      natsOptions_SetReconnectedCB,
      [](natsConnection*, void* self) { static_cast<Connection*>(self)->logger_.info("the broker is back"); },
      static_cast<void*>(this));
  set(
      natsOptions_SetErrorHandler,
      [](natsConnection*, natsSubscription*, natsStatus error, void* self) {
        static_cast<Connection*>(self)->logger_.warning("the broker reports an error",
                                                        {{"error", natsStatus_GetText(error)}});
      },
      static_cast<void*>(this));
  set(
      natsOptions_SetClosedCB,
      [](natsConnection*, void* self) { static_cast<Connection*>(self)->closed_.count_down(); },
      static_cast<void*>(this));
  if (status != NATS_OK) return nats_failure(status, "use the settings of DECANT_BROKER", address);
  return handle;
}

Result<std::unique_ptr<Connection>> Connection::open(const Address& address, Logger& logger) {
  DECANT_CHECK(check_files(address));
  // Not make_unique: the constructor is open's alone.
  std::unique_ptr<Connection> connection(new Connection(address, logger));
  DECANT_TRY(const OptionsHandle options, connection->make_options(address));
  natsConnection* made = nullptr;
  const natsStatus status = natsConnection_Connect(&made, options.get());
  if (status != NATS_OK) return nats_failure(status, "connect", address);
  connection->handle_.reset(made);
  return connection;
}

Connection::~Connection() {
  if (!handle_) return;
  natsConnection_Close(handle_.get());
  closed_.wait();
}

}  // namespace decant::broker::nats
