#include "http/server.h"

#include <csignal>

#include "http/connection_limits.h"
#include "http/listener.h"

namespace decant::http {
namespace {

/// How long cut connections may take to notice.
constexpr std::chrono::milliseconds cut_grace{250};

}  // namespace

struct Server::State {
  State(ServerOptions server_options, const Router& router, Authenticator server_authenticator, BlockingPool& pool,
        Logger& logger)
      : options(std::move(server_options)),
        authenticator(std::move(server_authenticator)),
        limits(options.max_connections, options.max_connections_per_address, proxies),
        site{options, router, authenticator, proxies, pool, logger} {}

  ServerOptions options;
  Authenticator authenticator;
  TrustedProxies proxies;
  ConnectionLimits limits;
  Site site;
  std::uint16_t port = 0;
  std::vector<std::unique_ptr<Listener>> listeners;
};

Server::Server(ServerOptions options, const Router& router, Authenticator authenticator, BlockingPool& pool,
               Logger& logger)
    : state_(std::make_unique<State>(std::move(options), router, std::move(authenticator), pool, logger)) {}

Server::~Server() = default;

Result<void> Server::start() {
  const ServerOptions& options = state_->options;
  if (options.threads < 1) return failure(ErrorCode::invalid_argument, "threads must be at least 1");
  DECANT_TRY(state_->proxies, TrustedProxies::parse(options.trusted_proxies));
  std::signal(SIGPIPE, SIG_IGN);

  // All are bound before the first is served: either the server runs whole or not at all.
  std::vector<Descriptor> sockets;
  state_->port = options.port;
  for (int i = 0; i < options.threads; ++i) {
    DECANT_TRY(Descriptor socket,
               open_listening_socket(options.address, state_->port, i == 0 ? PortUse::first : PortUse::join));
    DECANT_TRY(state_->port, bound_port(socket));
    sockets.push_back(std::move(socket));
  }
  for (Descriptor& socket : sockets) {
    state_->listeners.push_back(std::make_unique<Listener>(state_->site, state_->limits, std::move(socket)));
  }
  return {};
}

std::uint16_t Server::port() const { return state_->port; }

void Server::stop_accepting() {
  for (const auto& listener : state_->listeners) listener->stop_accepting();
}

void Server::stop(std::chrono::milliseconds budget) {
  stop_accepting();
  for (const auto& listener : state_->listeners) listener->drain();
  if (state_->limits.wait_until_none(std::chrono::steady_clock::now() + budget)) return;
  for (const auto& listener : state_->listeners) listener->cut();
  (void)state_->limits.wait_until_none(std::chrono::steady_clock::now() + cut_grace);
}

}  // namespace decant::http
