#include "programs/metrics_tier.h"

#include "programs/listen_address.h"

namespace decant::programs {
namespace {

constexpr std::size_t waiting_scrapes = 16;

http::ServerOptions metrics_server_options(const ListenAddress& listen) {
  http::ServerOptions options;
  options.address = listen.host;
  options.port = listen.port;
  options.max_connections = 64;
  // They come every few seconds for ever.
  options.access_log_level = LogLevel::debug;
  return options;
}

http::Awaitable<Result<tasks::User>> nobody(const http::Request&) {
  co_return failure(ErrorCode::unauthenticated, "there are no accounts here");
}

}  // namespace

MetricsTier::MetricsTier(http::ServerOptions options, const metrics::Metrics& metrics, metrics::StateSources sources,
                         const Clock& clock, Logger& logger)
    : metrics_(metrics),
      state_(std::move(sources), clock),
      pool_(1, waiting_scrapes),
      server_(std::move(options), router_, nobody, pool_, logger) {
  router_.add({.method = http::Method::get,
               .pattern = "/metrics",
               .handler = [this](http::Request& request) -> http::Awaitable<http::Response> {
                 auto text =
                     co_await pool_.run([&]() -> Result<std::string> { return metrics_.render(state_.read()); });
                 if (!text) co_return http::make_problem(text.error(), request);
                 http::Response response;
                 response.set("Content-Type", std::string(metrics::content_type));
                 response.body = *std::move(text);
                 co_return response;
               }});
}

Result<std::unique_ptr<MetricsTier>> MetricsTier::start(const Settings& settings, const metrics::Metrics& metrics,
                                                        metrics::StateSources sources, const Clock& clock,
                                                        Logger& logger) {
  if (settings.metrics_listen.empty()) return nullptr;
  DECANT_TRY(const ListenAddress listen, parse_listen_address(settings.metrics_listen, "metrics_listen"));
  // Not make_unique: the constructor is start's alone.
  std::unique_ptr<MetricsTier> tier(
      new MetricsTier(metrics_server_options(listen), metrics, std::move(sources), clock, logger));
  DECANT_CHECK(tier->server_.start());
  logger.info("metrics are ready", {{"url", page_url({listen.host, tier->server_.port()}) + "metrics"}});
  return tier;
}

}  // namespace decant::programs
