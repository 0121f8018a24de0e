#include "programs/web_tier.h"

#include "programs/listen_address.h"
#include "programs/options.h"
#include "programs/page_routes.h"
#include "programs/signing_keys.h"

namespace decant::programs {

WebTier::WebTier(const Settings& settings, http::ServerOptions server_options, http::ApiOptions api_options,
                 Backends& backends, tasks::Bell& bell, tasks::Converter& converter, const Clock& clock, Logger& logger)
    : host_(server_options.address),
      pool_(static_cast<std::size_t>(settings.blocking_threads), static_cast<std::size_t>(settings.blocking_queue)),
      api_(std::move(api_options), {.tasks = backends.database->tasks(),
                                    .uploads = backends.database->uploads(),
                                    .users = backends.database->users(),
                                    .stats = backends.database->stats(),
                                    .changes = backends.database->changes(),
                                    .objects = *backends.objects,
                                    .bell = bell,
                                    .converter = converter,
                                    .clock = clock,
                                    .log = logger,
                                    .pool = pool_,
                                    .ready = [&backends] { return backends.database->check(); }}),
      router_(make_router(api_)),
      server_(std::move(server_options), router_, api_.authenticator(), pool_, logger) {}

http::Router WebTier::make_router(http::Api& api) {
  http::Router router;
  api.add_routes(router);
  add_page_routes(router);
  return router;
}

Result<std::unique_ptr<WebTier>> WebTier::start(const Settings& settings, Backends& backends, tasks::Bell& bell,
                                                tasks::Converter& converter, metrics::Metrics& metrics, SpanSink spans,
                                                const Clock& clock, Logger& logger) {
  DECANT_TRY(http::ServerOptions server, server_options(settings, metrics, std::move(spans)));
  http::ApiOptions api = api_options(settings);
  DECANT_TRY(api.keys, load_signing_keys(settings.jwt_keys));
  // Not make_unique: the constructor is start's alone.
  std::unique_ptr<WebTier> tier(
      new WebTier(settings, std::move(server), std::move(api), backends, bell, converter, clock, logger));
  DECANT_CHECK(tier->server_.start());
  return tier;
}

std::string WebTier::url() const { return page_url({host_, server_.port()}); }

void WebTier::begin_drain() {
  api_.set_draining();
  server_.stop_accepting();
}

}  // namespace decant::programs
